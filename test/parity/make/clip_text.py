"""Golden case 03_clip/text_states: the states of CLIP's text models that Stable Diffusion 2 (the penultimate one, normalised) and Stable Diffusion
XL (the penultimate one as it is, and further back with clip skip) read.

Run with Python, torch, transformers 5 and safetensors: python test/parity/make/clip_text.py
"""

import torch
from golden import GOLDENS, sensitivity, unsettle, write_case
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

SHARED = dict(vocab_size=80, bos_token_id=78, eos_token_id=79, pad_token_id=1)
MODELS = {
    "clip_text_sd2": (CLIPTextModel, dict(hidden_size=18, intermediate_size=50, num_hidden_layers=4, num_attention_heads=3, max_position_embeddings=24, hidden_act="gelu")),
    "clip_text_xl": (CLIPTextModelWithProjection, dict(hidden_size=32, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=20, hidden_act="gelu", projection_dim=20)),
}


def compute(model, ids):
    with torch.no_grad():
        result = model(input_ids=ids, output_hidden_states=True)
        states = result.hidden_states
        norm = getattr(model, "text_model", model).final_layer_norm
        pooled = {"text_embeds": result.text_embeds} if hasattr(result, "text_embeds") else {"pooler_output": result.pooler_output}
        return {
            "last_hidden_state": result.last_hidden_state,
            "clip_skip_1": norm(states[-2]),
            "hidden_state_before_1": states[-2],
            "hidden_state_before_2": states[-3],
            **pooled,
        }


def main():
    torch.set_num_threads(1)
    variants, tensors = {}, {}
    for number, (name, (model_class, options)) in enumerate(MODELS.items()):
        torch.manual_seed(700 + number)
        model = unsettle(model_class(CLIPTextConfig(**SHARED, **options)), number)
        model.save_pretrained(GOLDENS / "models" / name)
        length = options["max_position_embeddings"]
        ids = torch.randint(2, 78, (3, length), generator=torch.Generator().manual_seed(number))
        for row, end in enumerate((length - 1, 9, 4)):
            ids[row, end:] = 79
        outputs = compute(model, ids)
        change = sensitivity(model, lambda: compute(model, ids))
        params = {"model": f"models/{name}", "cls": model_class.__name__}
        variants[name] = {"params": params, "tolerance": max(2e-5, 4 * change), "sensitivity": change}
        tensors[f"{name}/in/input_ids"] = ids
        tensors |= {f"{name}/out/{key}": value for key, value in outputs.items()}
    write_case(
        "03_clip/text_states",
        "clip_text",
        "states of CLIP's text models before the last layers",
        "model(input_ids, output_hidden_states=True)",
        "clip_skip_1 = final_layer_norm(hidden_states[-2]); hidden_state_before_K = hidden_states[-K - 1]",
        variants,
        tensors,
    )


main()
