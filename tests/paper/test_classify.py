"""What a sentence is said to say of seeds: tables of sentences as papers word them, and `seedlint classify` on lines of JSON."""

from __future__ import annotations

import io
import json

import pytest

from seedlint.cli.classify import classify as command
from seedlint.paper.argument import ARGUMENT, View
from seedlint.paper.classify import LABELS, NONE, OTHER, Context, classify
from seedlint.paper.document import Kind
from seedlint.paper.features import features_of
from seedlint.uses import Use

MODEL_SELECTION = [
    "We train ten models with different random seeds and keep the one with the highest development F1.",
    "For each system we perform 20 random restarts and report the run with the best validation likelihood.",
    "Due to the instability of fine-tuning, we run five seeds and select the best model on the dev set.",
    "Numbers are the best of three runs with different initialisations.",
    "We report the maximum test accuracy over 10 runs.",
    "The random seed was tuned on the validation set like any other hyperparameter.",
    "Each network was initialised 30 times and the network with the lowest validation error was selected.",
    "We restart training from several random initialisations and choose the solution with the lowest loss.",
    "The best performing seed on the development set is used for the test submission.",
    "Among the five runs, we pick the checkpoint with the best dev score for our final evaluation.",
    "We repeat each experiment three times and report the best result.",
    "Every model is trained with 4 random seeds, of which the best one is reported.",
    "Since k restarts are cheap, the model with the largest likelihood among 25 random initializations is retained.",
    "Of several models trained from randomised starting points we use the one which attained the highest development score.",
    "We run each configuration with 5 seeds and select the best one on the dev set.",
    "We use the best of 5 random seeds according to validation accuracy.",
    "We ran k-means with 10 random initialisations and picked the one with the lowest inertia.",
    "We train 3 models with different seeds and submit the one with the best dev score.",
    "We report the best score over 5 runs.",
    "For each task we try ten seeds and choose the best performing model on the development set.",
    "The best result of three runs is reported.",
    "We select the run with the highest validation accuracy among five runs with different seeds.",
    "Training is repeated 5 times with different initialization and the best model is chosen based on validation loss.",
    "Because EM is sensitive to initialization, we use 10 random restarts and keep the model with the highest likelihood.",
    "We report the best out of 5 runs for each model.",
    "From 20 training runs we selected the one performing best on the validation data.",
    "The best of 10 random initializations was used for testing.",
    "We train each network three times and only report the best of these.",
    "For all methods the best seed on the validation set is chosen.",
    "We perform several random initializations and report results for the one with the lowest training loss.",
    "To avoid bad local minima, the algorithm is restarted 50 times and the best solution is returned.",
]
ENSEMBLE_CREATION = [
    "Our final submission is an ensemble of five models trained with different random seeds.",
    "We average the predicted probabilities of four networks that differ only in their initialisation.",
    "The ensemble consists of 8 independently trained copies of the same architecture.",
    "Predictions of ten models with different seeds are combined by majority voting.",
    "We train a deep ensemble of five networks from different random initialisations to estimate uncertainty.",
    "Ensembling three models with different seeds further improves BLEU by 1.2 points.",
    "Bagging is performed over 10 models, each trained on a bootstrap sample of the data with its own seed.",
    "For the ensemble we take a vote over the outputs of seven runs.",
    "We ensemble 5 runs of our system by averaging their logits.",
    "The results in the last row are obtained by an ensemble of 4 randomly initialized models.",
    "Each member of the ensemble starts from a different random initialization.",
    "We train five models with different seeds and average their predictions.",
    "The final system is an ensemble of 5 runs.",
    "For the final submission, we ensemble the outputs of models trained with various random seeds.",
    "We also report the results of an ensemble of ten models with different random initialization.",
    "A majority vote over five runs gives the final label.",
    "We combine four models trained from different initializations by averaging the output probabilities at test time.",
    "Our ensemble averages three identical models with different seeds.",
    "We use deep ensembles with 5 members.",
    "The predictions of 10 independently trained networks are averaged.",
    "The ensemble model averages the predictions of five single models with different initialization.",
    "Ensemble results are obtained by averaging four runs.",
    "* denotes an ensemble of 5 models.",
    "Our single model obtains 88.1 and our ensemble of eight models 89.4.",
    "We train an ensemble of Q-networks, each initialized independently.",
    "The uncertainty is estimated by the disagreement of an ensemble of networks with different random initializations.",
    "Checkpoints from three independent runs are ensembled.",
    "For our ensemble, we train 4 models from different random seeds and do majority voting.",
]
SENSITIVITY_ANALYSIS = [
    "Our method is less sensitive to the random seed than the baseline.",
    "We study the effect of the random seed on fine-tuning performance.",
    "The variance across seeds is very small.",
    "Results are stable across different random initialisations.",
    "To examine how robust our model is to initialisation, we train it with 50 seeds and plot the distribution of scores.",
    "We found that fine-tuning BERT is unstable: 4 out of 20 runs failed to converge.",
    "The standard deviation over five seeds is below 0.2 points, which shows that training is stable.",
    "Figure 5 shows the variability of the accuracy between runs with different random seeds.",
    "TD3 exhibits a lower variance across random seeds than DDPG.",
    "The agent learns to solve the task on all seeds.",
    "Performance varies considerably between runs with different initialisations.",
    "The conclusions do not depend on the random seed.",
    "Two of the five seeds fail to learn a useful policy.",
    "In Section 4 we examine the variance of the attention weights by training with several different seeds.",
    "We observe that the training is very sensitive to the initialization.",
    "Our approach has much lower variance over different seeds.",
    "The results vary by up to 2 points depending on the random seed.",
    "We analyse the robustness of our method to different random seeds.",
    "Our method converges to similar solutions from different initialisations.",
    "The performance of BERT fluctuates strongly across random restarts.",
    "The standard deviation across runs is less than 0.1 in all cases.",
    "One of the ten runs diverged.",
    "We find little variation between runs.",
    "The effect of the random initialization on the final accuracy is negligible.",
    "Our algorithm is robust to the choice of random seed.",
    "Some random seeds lead to degenerate results.",
    "We notice a large variance in the results when different random seeds are used.",
    "Training with different seeds leads to very different results.",
    "The shaded regions overlap, which indicates that the difference between seeds is small.",
    "GANs are trained five times to see how much the scores fluctuate.",
    "In Table 5 we show the standard deviation of our model over 10 runs, which is always below 0.3.",
    "The proposed initialization reduces the variance between different runs.",
    "Some runs get stuck in a poor local optimum.",
    "Our method is more stable than PPO across seeds.",
    "Figure 7: Distribution of test accuracies for 100 random seeds.",
    "We investigate the influence of random initialization on the learned representations.",
    "We see that all seeds converge to the same performance.",
    "The model is not sensitive to the choice of seed.",
    "Surprisingly, the random seed alone can change the F1 score by 3 points.",
    "We compare the learned features across networks trained from different random initializations.",
    "Different initializations give nearly identical results.",
    "Only 6 out of 10 random seeds find the goal.",
]
FIXED_SEED = [
    "For reproducibility, we set the random seed to 42 in all experiments.",
    "We use a fixed random seed for all models.",
    "The same random seed is used in every experiment for a fair comparison.",
    "All random seeds are fixed to 1234.",
    "Due to the high computational cost, we report the results of a single run.",
    "Because pre-training is expensive, every model is trained only once.",
    "All results are from a single run with seed 0.",
    "The seed of the random number generator is set to 2020.",
    "We initialise all networks with the same random seed.",
    "Owing to limited compute we could not run multiple seeds.",
    "Table 3: Ablation results (single seed).",
    "We did not repeat the experiments with different seeds because of our limited budget.",
    "Random seed: 42.",
    "We fix the seed at 1 so that all models start from identical weights.",
    "Our numbers come from one training run per model.",
    "We set the seed to 0 for all experiments to ensure reproducibility.",
    "We use a single random seed in all our experiments due to computational constraints.",
    "To ensure reproducibility, the seed is fixed.",
    "Given the cost of pre-training, we only conduct one run for each setting.",
    "Results are obtained with random seed 1.",
    "Each model was only trained once.",
    "For all experiments we used the same seed (42).",
    "As training takes two weeks, we report single-run results.",
    "We fix all random seeds.",
    "No error bars are reported because it would be too expensive.",
    "We use seed 42 throughout.",
    "The random seeds of Python, NumPy and PyTorch are all set to 1.",
    "The seed was fixed to ensure that results can be reproduced.",
    "Each curve shows a single training run.",
    "We report results from only one run because each takes several days.",
    "Hyperparameters: learning rate 1e-4, batch size 32, seed 1234.",
    "Note that these results are for one seed only.",
    "Each baseline was run once with the default seed.",
]
PERFORMANCE_COMPARISON = [
    "We report the mean and standard deviation over five random seeds.",
    "All results are averaged over 10 runs.",
    "Each experiment is repeated three times with different random seeds and the average F1 is reported.",
    "Table 2: Test accuracy (mean ± std over 5 runs).",
    "Error bars show the standard error across 8 seeds.",
    "Shaded areas denote 95% confidence intervals over ten seeds.",
    "We run each model five times and take the median score.",
    "To account for variance due to random initialisation, we average results over five runs.",
    "Statistical significance is assessed with a paired t-test over ten runs with different seeds.",
    "Scores are the mean of three independent runs.",
    "Since results vary with the seed, we report averages over 20 random initialisations.",
    "The same ten random seeds are used for all methods.",
    "We train every model with 5 different random seeds.",
    "Curves are averaged over 4 seeds; the shaded region is the standard deviation.",
    "Our model outperforms the baseline by 1.3 points on average over five seeds.",
    "Results of 5 runs: mean (standard deviation in brackets).",
    "We use three different seeds for every setting and present average results.",
    "For all models we present the average score of five trials with different random initializations.",
    "To reduce the effect of randomness, every experiment was run 5 times and the mean value is reported.",
    "We perform all experiments with 3 seeds and report averages.",
    "The reported numbers are averages of 5 independent runs with different random initialization of weights.",
    "Results are reported as mean ± standard deviation over 10 random initializations.",
    "We report average performance across 3 runs with standard deviations in the appendix.",
    "The solid line denotes the mean and the shaded area the standard deviation across 5 seeds.",
    "We trained each configuration with four seeds.",
    "We report the interquartile mean over 5 seeds with bootstrapped confidence intervals.",
    "Every experiment is conducted five times, and we present the mean.",
    "Averages of three random restarts are shown.",
    "Bold numbers are significantly better according to a t-test on 10 runs.",
    "For each method we report the median of 5 runs.",
    "Learning curves averaged across 10 random seeds on MuJoCo tasks.",
    "To make the comparison fair we run all baselines with the same five seeds.",
    "All numbers in the table are means of 3 trials.",
    "F1 scores with standard deviations over three training runs.",
    "Standard deviations are given in parentheses and computed over 5 runs.",
    "We use 5 seeds per configuration.",
    "Results (mean over 3 seeds) on the test set.",
    "Averaged over 20 runs, our method reaches an accuracy of 92.3.",
    "Each algorithm was run for 10 independent trials.",
    "Accuracy (%) averaged over five trials, with standard errors.",
    "To account for randomness we train each model 5 times with different initialisation and report the average.",
    "We ran all our models 3 times and report mean scores.",
    "The improvement is statistically significant over 5 random seeds (p < 0.05).",
    "All agents are trained with 8 different seeds; we plot the median and the interquartile range.",
]
OTHERS = [
    "The weights are randomly initialised from a normal distribution with standard deviation 0.02.",
    "We randomly split the data into training and test sets using seed 42.",
    "Results are averaged over 10 random train/test splits.",
    "We use 10-fold cross-validation repeated five times with different seeds.",
    "Inference latency is averaged over 100 runs.",
    "We use PGD with 10 random restarts as the attack.",
    "Images in each row were generated with the same random seed.",
    "We sample three responses per prompt with different seeds and a temperature of 0.7.",
    "Previous work has shown that fine-tuning is sensitive to the random seed.",
    "Dodge et al. (2020) found that some seeds are better than others.",
    "In each trial we draw all hyperparameters and the random seed at random.",
    "Researchers should report results over multiple random seeds.",
    "At the start of an episode the position of the agent is randomly initialised.",
    "Word embeddings are randomly initialized.",
    "We average over 5 random splits of the data.",
    "All other parameters are initialized randomly from a uniform distribution.",
    "We sample 1000 sentences with a random seed of 42.",
    "We report the average running time of 10 runs.",
    "We randomly sample 5 examples for each class using five different seeds.",
    "Fine-tuning is known to be unstable across random seeds (Mosbach et al., 2021).",
    "We generate 10 images per prompt with different seeds.",
    "We use 5-fold cross validation and report the average.",
    "Experiments were repeated on 10 random train-test splits and averaged.",
    "The convolutional layers are initialized with random weights.",
    "The number of random restarts of the attack is 20.",
    "Timing results are averages over 5 runs.",
    "Evaluation is performed over 100 episodes with different random seeds of the environment.",
    "It is good practice to report results over several random seeds.",
    "Reimers and Gurevych (2017) showed that the seed can change results considerably.",
    "We use temperature 0.7 and sample five outputs with different seeds.",
]
NOT_SEEDS = [
    "We start from 50 seed words for each class.",
    "The seed lexicon contains 200 translation pairs.",
    "New instances are extracted with patterns that were learned from the seed entities.",
    "Seeds of wheat were planted in three plots.",
    "The instruction data is bootstrapped from 175 seed tasks.",
    "Each team could submit up to three runs.",
    "EEG trials with artefacts were removed before averaging.",
    "The server restarts automatically after a crash.",
    "The learning rate is selected from four values on the development set.",
    "We compare our model with three baselines.",
    "We use the seed words in Table 1.",
    "The bootstrapping algorithm starts with a small set of seeds.",
    "The best results are in bold.",
    "We submitted three runs to the task.",
    "We use Adam with a learning rate of 0.001.",
    "The results are shown in Table 2.",
    "Participants completed 40 trials.",
    "We run all experiments on a single GPU.",
    "The seed list is expanded iteratively.",
    "We ran a hyperparameter search with 50 trials.",
    "The results are averaged over all languages.",
    "The mean and standard deviation of the pixel values are normalised.",
    "We average the scores over the three datasets.",
    "The best performing model is highlighted.",
    "An ensemble of a CNN and an LSTM is used.",
    "The user study consisted of 20 trials.",
]
TABLE = [
    *((sentence, Use.MODEL_SELECTION.value) for sentence in MODEL_SELECTION),
    *((sentence, Use.ENSEMBLE_CREATION.value) for sentence in ENSEMBLE_CREATION),
    *((sentence, Use.SENSITIVITY_ANALYSIS.value) for sentence in SENSITIVITY_ANALYSIS),
    *((sentence, Use.FIXED_SEED.value) for sentence in FIXED_SEED),
    *((sentence, Use.PERFORMANCE_COMPARISON.value) for sentence in PERFORMANCE_COMPARISON),
    *((sentence, OTHER) for sentence in OTHERS),
    *((sentence, NONE) for sentence in NOT_SEEDS),
]


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("The letters are split at random into parts for training, validation and test, with a seed of 3.", "other"),
        ("We divided the recordings into training and test sets with a fixed random seed.", "other"),
        ("From ten seeds, we keep the seed that maximizes validation accuracy.", "model_selection"),
        ("Peak accuracy among eight seeds is reported.", "model_selection"),
        ("Let J be the loss of a single training example.", "none"),
    ],
)
def test_a_split_is_no_training_and_the_best_of_seeds_is_a_selection(sentence: str, label: str) -> None:
    assert classify(Context(sentence)).label == label


@pytest.mark.parametrize(("sentence", "label"), TABLE)
def test_a_sentence_alone_has_the_use_that_it_states(sentence: str, label: str) -> None:
    assert classify(Context(sentence)).label == label


@pytest.mark.parametrize(
    ("before", "sentence", "after", "label"),
    [
        ("We train four taggers with different random seeds.", "The best one on dev is used.", "", Use.MODEL_SELECTION),
        (
            "We run each system ten times.",
            "We report the mean and its standard deviation.",
            "",
            Use.PERFORMANCE_COMPARISON,
        ),
        ("The five models differ only in their random seeds.", "Their votes are combined.", "", Use.ENSEMBLE_CREATION),
        (
            "The data are randomly split into training and test sets.",
            "This is done ten times, and the averages are shown.",
            "",
            None,
        ),
    ],
)
def test_neighbours_say_what_a_sentence_leaves_open(before: str, sentence: str, after: str, label: Use | None) -> None:
    assert classify(Context(sentence, before, after)).label == (label.value if label else OTHER)


def test_without_its_neighbour_an_open_sentence_has_no_use() -> None:
    assert classify(Context("The best one on dev is used."), picked=False).label == NONE
    assert classify(Context("Their votes are combined."), picked=False).label == NONE


def test_what_the_sentence_states_and_what_its_neighbours_add_give_the_same_use() -> None:
    alone = classify(Context("We train four taggers with different random seeds and use the best one on dev."))
    beside = classify(Context("The best one on dev is used.", "We train four taggers with different random seeds."))
    assert alone.label == beside.label == Use.MODEL_SELECTION.value
    assert all(0.5 < verdict.confidence < 1 for verdict in (alone, beside))


def test_the_reason_is_given_in_the_sentence_s_own_words() -> None:
    sentence = "As seeds matter, Scores are Averaged over FIVE runs (see [12])."
    verdict = classify(Context(sentence, "We fix the seed to 1."))
    assert verdict.why
    assert "Averaged over FIVE runs" in verdict.why
    assert all(words in sentence for words in verdict.why)


@pytest.mark.parametrize(
    ("sentence", "acknowledged"),
    [
        ("Due to the high computational cost we report the results of a single run.", True),
        ("We report the results of a single run.", False),
        ("The seed is fixed to 42, which is a limitation of our study.", True),
        ("Averaging five models with different seeds is expensive.", False),
    ],
)
def test_a_stated_cost_or_limitation_acknowledges_a_risky_use_only(sentence: str, acknowledged: bool) -> None:
    assert classify(Context(sentence)).acknowledged is acknowledged


def test_a_heading_has_no_use() -> None:
    assert classify(Context("Results averaged over five runs", kind=Kind.HEADING)).label == NONE
    assert (
        classify(Context("Results averaged over five runs", kind=Kind.CAPTION)).label
        == Use.PERFORMANCE_COMPARISON.value
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Scores are averaged over five runs.", "Scores are averaged over 5 runs."),
        ("We use three random initializations and average.", "We use three random initialisations and average."),
        ("We report the mean of ran- dom seeds over 5 runs.", "We report the mean of random seeds over 5 runs."),
        ("WE FIX THE SEED OF EVERY RUN TO 3.", "We fix the seed of every run to 3."),
    ],
)
def test_figures_spelling_line_ends_and_case_make_no_difference(one: str, other: str) -> None:
    assert classify(Context(one)).label == classify(Context(other)).label != OTHER


def test_the_year_of_a_citation_is_no_seed() -> None:
    assert classify(Context("Training depends on random seeds (Novak and Dvorak, 2021).")).label != Use.FIXED_SEED.value


ODD = (
    "",
    " ",
    "±",
    "seed",
    "seed " * 5000,
    "(" * 3000 + "seed",
    "run-" * 3000,
    "5 " * 5000 + "runs",
    "\x00\ud800 seed",
)


@pytest.mark.parametrize("sentence", ODD, ids=range(len(ODD)))
def test_any_text_is_answered(sentence: str) -> None:
    assert classify(Context(sentence, sentence, sentence)).label in LABELS


def test_each_step_of_the_argument_has_a_name_of_its_own_and_a_label() -> None:
    names = [claim.name for claim in ARGUMENT]
    assert len(set(names)) == len(names)
    assert {claim.label for claim in ARGUMENT} == set(LABELS)


def test_features_name_the_words_and_what_the_argument_makes_of_them() -> None:
    context = Context("Scores are averaged over five runs, up 0.3.", "We fix the seed to 1.", kind=Kind.CAPTION)
    features = features_of(View(context))
    assert {"averaged over #", "# runs", "up #."} <= set(features.words)
    assert "seed" not in features.words
    assert {":averaged_over", "~:fixed_seed", "!reports-pool", "!!reports-pool"} <= set(features.marks)
    assert ":fixed_seed" not in features.marks
    assert len(set(features.words)) == len(features.words)


def answers(
    lines: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[dict[str, object]], str, int]:
    """What `seedlint classify` writes for lines of input, its messages and its exit code."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    try:
        command.main([], standalone_mode=False)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return [json.loads(line) for line in out.splitlines()], err, code


def test_lines_are_answered_in_order_with_their_ids(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        {"id": "a", "sentence": "Scores are averaged over five runs."},
        {
            "id": 2,
            "sentence": "The best one on dev is used.",
            "prev": "We train four taggers with different random seeds.",
            "next": None,
        },
        {"id": None, "sentence": "We like tea.", "section": "Tea", "kind": "footnote"},
    ]
    found, err, code = answers("\n\n".join(map(json.dumps, asked)).encode(), monkeypatch, capsys)
    assert [line["id"] for line in found] == ["a", 2, None]
    assert [line["label"] for line in found] == ["performance_comparison", "model_selection", "none"]
    assert all(set(line) == {"id", "label", "confidence", "why"} for line in found)
    assert (err, code) == ("", 0)


@pytest.mark.parametrize(
    "line",
    [
        b"nope",
        b"[1]",
        b'{"id": 1}',
        b'{"sentence": "x"}',
        b'{"id": 1, "sentence": 5}',
        b'{"id": 1, "sentence": "x", "prev": ["y"]}',
        b'{"id": 1, "sentence": "x", "kind": "song"}',
        b'{"id": 1, "sentence": "\xff"}',
        b"[" * 100_000,
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(
    line: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = b'{"id": "good", "sentence": "We fix the seed to 42."}'
    found, err, code = answers(b"\n".join([good, line, good]), monkeypatch, capsys)
    assert [answer["label"] for answer in found] == ["fixed_seed", "fixed_seed"]
    assert err.startswith("seedlint: line 2: ")
    assert err.count("\n") == 1
    assert code == 2
