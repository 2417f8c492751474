"""The paper wing: reads papers into documents, finds the sentences that speak of seeds, and names the use of each."""
