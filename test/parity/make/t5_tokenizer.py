"""Golden case 03_clip/t5_tokenizer: T5's tokenizer on two small vocabularies, one from spiece.model (with a map of characters of its own), one
trained with the tokenizers package and read from tokenizer.json.

Run with Python, transformers 5, tokenizers, sentencepiece and protobuf: python test/parity/make/t5_tokenizer.py
"""

import json
import random
import shutil
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
from golden import GOLDENS, write_case
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import T5Tokenizer

WORDS = """a photo of the cat sleeping on red roof with hat painting by moonlight in style portrait detailed light ocean waves city night neon
forest castle dragon knight armour watercolour sketch pencil digital art highly beautiful woman man child dog bird flower garden mountain
river sunset sky cloud storm fire ice crystal glass metal wood stone ancient modern futuristic retro vintage""".split()
ODD = ["Ünïcödé über straße naïve café", "Привет мир картина", "日本語の猫 絵画", "한국어 고양이", "1girl, 3d render, 4k (red:1.2)", "it's a dog's life; don't"]
# What the map of characters covers: the folded forms of these blocks, and white space.
BLOCKS = [(0xA0, 0x180), (0x1E00, 0x1EFF), (0x2070, 0x20A0), (0x2100, 0x2190), (0x2460, 0x24FF), (0xFB00, 0xFB07), (0xFF01, 0xFF5F), (0x3300, 0x3358)]
POOLS = [(32, 127), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE00), (0x1100, 0x1200), (0x1E00, 0x2070), (0x2070, 0x2C00)]
POOLS += [(0x3000, 0x3400), (0xAC00, 0xAC80), (0xFE00, 0x10000), (0x1D400, 0x1D800), (0x1F1E6, 0x1F680), (0, 32)]
PIECES = ["</s>", "<pad>", "<extra_id_5>", "<unk>", "\n", "\t", "  ", "👨‍👩‍👧", "é", "e\u0301", "ﬁ", "①", "½", "…", "日本語", "▁a", "a▁b", "\ufeff"]


def normalization_rules():
    """Lines of code points: what is read, and what it becomes."""
    rules = {(character,): (32,) for character in (0x9, 0xA, 0xD, 0xA0, 0x2003, 0x3000)} | {(0x200B,): (), (0xFEFF,): ()}
    for first, last in BLOCKS:
        for character in map(chr, range(first, last)):
            folded = unicodedata.normalize("NFKC", character)
            for source in {character, unicodedata.normalize("NFD", character)}:
                if source != folded and len(source) > 0:
                    rules.setdefault(tuple(map(ord, source)), tuple(map(ord, folded)))
    codes = lambda points: " ".join(f"{point:X}" for point in points)
    return "".join(f"{codes(source)}\t{codes(target)}\n" for source, target in sorted(rules.items()))


def corpus(rng):
    return [" ".join(rng.choices(WORDS, k=rng.randint(3, 14))) for _ in range(2000)] + ODD * 10


def texts(rng, count):
    def one():
        if rng.random() < 0.3:
            return " ".join(rng.choices(WORDS, k=rng.randint(1, 25)))
        parts = [lambda: rng.choice(WORDS), lambda: chr(rng.randrange(*rng.choice(POOLS))), lambda: rng.choice(PIECES), lambda: rng.choice(ODD), lambda: " "]
        text = "".join(rng.choice(parts)() for _ in range(rng.randint(1, 16)))
        return unicodedata.normalize(rng.choice(["NFC", "NFD"]), text) if rng.random() < 0.2 else text

    fixed = ["", " ", "  a  b  ", "▁", "▁▁a", "a photo of a cat", *ODD]
    return fixed + [one() for _ in range(count - len(fixed))]


def make_spiece(folder, lines):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "corpus.txt").write_text("\n".join(lines))
        (work / "rules.tsv").write_text(normalization_rules())
        sentencepiece.SentencePieceTrainer.train(
            input=str(work / "corpus.txt"), model_prefix=str(work / "spiece"), vocab_size=400, hard_vocab_limit=False,
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_tsv=str(work / "rules.tsv"), minloglevel=2,
        )
        shutil.copy(work / "spiece.model", folder / "spiece.model")
    (folder / "tokenizer_config.json").write_text(json.dumps({"extra_ids": 100, "tokenizer_class": "T5Tokenizer"}) + "\n")


def make_json(folder, lines):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    vocabulary = [tuple(entry) for entry in json.loads(tokenizer.to_str())["model"]["vocab"]]
    T5Tokenizer(vocab=vocabulary, extra_ids=4).save_pretrained(folder)


def main():
    rng = random.Random(7)
    lines, prompts = corpus(rng), texts(rng, 400)
    make_spiece(GOLDENS / "models" / "t5_tokenizer_spiece", lines)
    make_json(GOLDENS / "models" / "t5_tokenizer_json", lines)
    variants, tensors = {}, {}
    for variant, length in {"spiece": 12, "json": 20}.items():
        folder = f"models/t5_tokenizer_{variant}"
        tokenizer = T5Tokenizer.from_pretrained(GOLDENS / folder)
        cut = tokenizer(prompts, max_length=length, padding="max_length", truncation=True, return_tensors="pt")
        whole = [tokenizer(prompt).input_ids for prompt in prompts]
        decoded = [tokenizer.decode(ids, skip_special_tokens=True) for ids in whole]
        variants[variant] = {
            "params": {"tokenizer": folder, "prompts": prompts, "max_length": length},
            "tolerance": 1e-5,
            "expected": {"ids_untruncated": whole, "decoded": decoded},
        }
        tensors |= {f"{variant}/out/input_ids": cut.input_ids, f"{variant}/out/attention_mask": cut.attention_mask}
    write_case(
        "03_clip/t5_tokenizer",
        "tokenize_t5",
        "T5Tokenizer on small unigram vocabularies",
        "tokenizer(prompts, max_length, padding='max_length', truncation=True)",
        "input_ids, attention_mask exactly; expected.ids_untruncated, decoded",
        variants,
        tensors,
    )


main()
