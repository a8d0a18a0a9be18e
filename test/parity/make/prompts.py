"""Makes the cases 07_pipelines/weighted_prompt: prompts with weights, changes by step and chunks, encoded by transformers' CLIPTextModel.

    python test/parity/make/prompts.py test/parity/goldens

Written from what the AUTOMATIC1111 web UI says of its prompts (its wiki, "Features": attention, prompt editing, alternating words,
BREAK, infinite prompt length) as plainly as can be: one character, one token at a time. The product does the same by other means.
"""

import json
import re
import sys
from pathlib import Path

import safetensors
import safetensors.torch
import torch
import transformers

COMMA_REACH = 20

PLAIN = r"((?:[^\[\]():|]|\([^()\[\]|]*\))*)"  # words without brackets, or in one pair of round ones
EDIT = re.compile(rf"\[(?:{PLAIN}:)?{PLAIN}:\s*([\d.]+)\s*\]")
TURNS = re.compile(rf"\[({PLAIN}(?:\|{PLAIN})+)\]")


def at_step(text: str, step: int, steps: int) -> str:
    """The prompt's text at a step, from 1: the innermost changes first, until none is left."""

    def edited(match: re.Match) -> str:
        before, after, when = match.groups()
        last = int(float(when) * steps) if "." in when else int(when)
        return (before or "") if step <= last else after

    def in_turn(match: re.Match) -> str:
        options = match.group(1).split("|")
        return options[(step - 1) % len(options)]

    while True:
        changed = TURNS.sub(in_turn, EDIT.sub(edited, text))
        if changed == text:
            return text
        text = changed


def weighted_characters(text: str) -> list[list]:
    """[character, weight] for each character that is read."""
    read: list[list] = []
    opened = {"(": [], "[": []}
    at = 0
    while at < len(text):
        character = text[at]
        if character == "\\" and text[at + 1 : at + 2] in list("()[]\\"):
            at += 1
            read.append([text[at], 1.0])
        elif character in "([":
            opened[character].append(len(read))
        elif character == ")":
            start = opened["("].pop()
            number = re.search(r":\s*([+-]?[\d.]+)\s*$", "".join(letter for letter, _ in read[start:]))
            factor = 1.1
            if number:
                factor = float(number.group(1))
                del read[start + number.start() :]
            for each in read[start:]:
                each[1] *= factor
        elif character == "]":
            for each in read[opened["["].pop() :]:
                each[1] /= 1.1
        else:
            read.append([character, 1.0])
        at += 1
    assert not opened["("] and not opened["["], f"brackets of {text!r}"
    return read


def sections(text: str) -> list[list[tuple[str, float]]]:
    """Runs of equal weight, in sections that BREAK parts."""
    read = weighted_characters(text)
    letters = "".join(letter for letter, _ in read)
    borders = [(0, 0), *((m.start(), m.end()) for m in re.finditer(r"\s*\bBREAK\b\s*", letters)), (len(read), 0)]
    result = []
    for (_, start), (end, _) in zip(borders, borders[1:]):
        runs: list[tuple[str, float]] = []
        for letter, weight in read[start:end]:
            if runs and abs(runs[-1][1] - weight) < 1e-9:
                runs[-1] = (runs[-1][0] + letter, runs[-1][1])
            else:
                runs.append((letter, weight))
        result.append(runs)
    return result


class Encoder:
    def __init__(self, root: Path, text_encoder: str, tokenizer: str, noise: float = 0.0):
        self.tokenizer = transformers.CLIPTokenizer.from_pretrained(root / tokenizer)
        self.model = transformers.CLIPTextModel.from_pretrained(root / text_encoder, torch_dtype=torch.float32).eval()
        self.room = self.tokenizer.model_max_length - 2
        if noise:
            generator = torch.Generator().manual_seed(7)
            for weight in self.model.parameters():
                weight.data *= 1 + noise * torch.randn(weight.shape, generator=generator)

    def chunks(self, text: str, long: str) -> list[list[tuple[int, float]]]:
        comma = self.tokenizer.convert_tokens_to_ids(",</w>")
        done: list[list[tuple[int, float]]] = []
        chunk: list[tuple[int, float]] = []
        last_comma = None
        for k, runs in enumerate(sections(text)):
            if k > 0 and long == "chunks":
                done.append(chunk)
                chunk, last_comma = [], None
            for words, weight in runs:
                for token in self.tokenizer(words, add_special_tokens=False, truncation=False)["input_ids"]:
                    if len(chunk) == self.room:
                        if long == "cut":
                            continue
                        moved = []
                        if token != comma and last_comma is not None and self.room - last_comma <= COMMA_REACH:
                            moved = chunk[last_comma + 1 :]
                            chunk = chunk[: last_comma + 1]
                        done.append(chunk)
                        chunk, last_comma = moved, None
                    elif token == comma:
                        last_comma = len(chunk)
                    chunk.append((token, weight))
        return [*done, chunk] if chunk or not done else done

    @torch.no_grad()
    def encode_chunk(self, chunk: list[tuple[int, float]], skip: int) -> torch.Tensor:
        begin, end, padding = (getattr(self.tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad"))
        free = self.room - len(chunk)
        ids = [begin, *(token for token, _ in chunk), end, *[padding] * free]
        weights = torch.tensor([1.0, *(weight for _, weight in chunk), 1.0, *[1.0] * free])
        output = self.model(torch.tensor([ids]), output_hidden_states=True)
        states = output.last_hidden_state
        if skip:
            inner = getattr(self.model, "text_model", self.model)
            states = inner.final_layer_norm(output.hidden_states[-(skip + 1)])
        # Means near nothing are all rounding in single precision, and the result follows them: they are taken in double.
        mean = states.double().mean()
        states = states * weights[None, :, None]
        return states * (mean / states.double().mean()).float()

    def contexts(self, prompt: str, negative: str, steps: int, long: str, skip: int):
        """Positive and negative context of each step: [steps, chunks x tokens, width]."""
        texts = [(at_step(prompt, k, steps), at_step(negative, k, steps)) for k in range(1, steps + 1)]
        chunked = [[self.chunks(text, long) for text in pair] for pair in texts]
        most = max(len(chunks) for pair in chunked for chunks in pair)
        encoded = [
            torch.stack([
                torch.cat([
                    self.encode_chunk(chunk, skip if which == 0 else 0)[0]
                    for chunk in pair[which] + [[]] * (most - len(pair[which]))
                ])
                for pair in chunked
            ])
            for which in (0, 1)
        ]
        return encoded


LONG = (
    "an oil painting of a small red fox in the snow, under a tall pine tree at night, with many bright stars above the "
    "far mountains, a river of ice between them, warm light in the windows of a house, smoke over the roof"
)
VARIANTS = {
    "plain": {"prompt": "a red fox, in the snow"},
    "weights": {"prompt": "a (red:1.5) fox, ((in the snow)) [at night], (very (bright:0.4) stars:1.2)", "negative": "(blurry:1.4), [[dark]]"},
    "negative_weight": {"prompt": "a fox (red:-0.5) and (blue:0)"},
    "weight_of_one": {"prompt": "a (red:1.0) fox"},
    "escapes": {"prompt": r"a fox \(red\) \[snow\] (at \(night\):1.3)"},
    "pad_token": {"prompt": "a (red:1.3) fox", "negative": "(dark)", "tokenizer": "models/tokenizer_pad_bang"},
    "chunks": {"prompt": LONG, "negative": "blurry"},
    "chunks_weighted": {"prompt": f"(masterpiece:1.3), {LONG}, (sharp focus:1.2), {LONG}", "negative": f"({LONG}:0.8)"},
    "chunks_far_comma": {"prompt": "a fox, " + "very " * 90 + "red, in the snow"},
    "chunks_comma_overflows": {"prompt": "red " * 75 + ", fox " + "red " * 75},
    "exactly_full": {"prompt": "red " * 75, "negative": "red " * 76},
    "break": {"prompt": "a red fox BREAK (in the snow:1.3) BREAK BREAK at night BREAK", "negative": "BREAK blurry"},
    "cut": {"prompt": f"{LONG}, (sharp:1.4)", "negative": "(dark:1.2) BREAK blurry", "long": "cut"},
    "clip_skip": {"prompt": "a (red:1.5) fox", "negative": "(dark)", "clip_skip": 1},
    "edit_share": {"prompt": "a [red:blue:0.4] fox [in the snow:0.75]", "steps": 5},
    "edit_steps": {"prompt": "a [(red:1.3):[blue:green:3]:2] fox[ at night::1]", "negative": "[dark:2]", "steps": 4},
    "turns": {"prompt": "a [cow|horse|(fox:1.4)] in the [snow|rain]", "steps": 4},
    "edit_grows": {"prompt": f"a fox[, {LONG}, {LONG}:2]", "steps": 3},
}


def main(root: Path) -> None:
    tensors: dict[str, torch.Tensor] = {}
    variants = {}
    for name, given in VARIANTS.items():
        params = {
            "components": {
                "unet": "models/sd1/unet",
                "vae": "models/sd1/vae",
                "text_encoder": "models/sd1/text_encoder",
                "tokenizer": given.get("tokenizer", "models/sd1/tokenizer"),
            },
            "prompt": given["prompt"],
            "negative_prompt": given.get("negative", ""),
            "steps": given.get("steps", 1),
            "long": given.get("long", "chunks"),
            "clip_skip": given.get("clip_skip", 0),
        }
        call = [params[key] for key in ("prompt", "negative_prompt", "steps", "long", "clip_skip")]
        parts = [params["components"][key] for key in ("text_encoder", "tokenizer")]
        contexts = Encoder(root, *parts).contexts(*call)
        shaken = Encoder(root, *parts, noise=5e-7).contexts(*call)
        sensitivity = max((a - b).abs().max().item() for a, b in zip(contexts, shaken))
        for key, context in zip(("prompt_embeds", "negative_prompt_embeds"), contexts):
            tensors[f"{name}/out/{key}"] = context.contiguous()
        variants[name] = {
            "params": params,
            "tolerance": float(f"{max(5e-5, 4 * sensitivity):.3g}"),
            "sensitivity": float(f"{sensitivity:.3g}"),
        }
    folder = root / "cases/07_pipelines/weighted_prompt"
    folder.mkdir(parents=True, exist_ok=True)
    case = {
        "what": "prompts with weights, changes by step, and chunks",
        "kind": "weighted_prompt",
        "call": "test/parity/make/prompts.py over transformers' CLIPTextModel",
        "compare": "prompt_embeds and negative_prompt_embeds (steps, chunks x tokens, width)",
        "versions": {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "safetensors": safetensors.__version__,
            "dtype": "float32",
            "device": "cpu",
            "threads": 1,
        },
        "variants": variants,
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    safetensors.torch.save_file(tensors, folder / "tensors.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
