"""Cases of networks that enlarge pictures (RRDBNet, written here after Wang et al. 2018) and of networks that find in them what words say
(CLIPSegForImageSegmentation of transformers): tiny, with random weights."""

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

from golden import GOLDENS, sensitivity, unsettle, write_case


class Dense(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for k in range(4):
            setattr(self, f"conv{k + 1}", nn.Conv2d(features + k * growth, growth, 3, padding=1))
        self.conv5 = nn.Conv2d(features + 4 * growth, features, 3, padding=1)

    def forward(self, x):
        seen = [x]
        for k in range(4):
            seen.append(F.leaky_relu(getattr(self, f"conv{k + 1}")(torch.cat(seen, 1)), 0.2))
        return self.conv5(torch.cat(seen, 1)) * 0.2 + x


class Block(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for k in range(3):
            setattr(self, f"rdb{k + 1}", Dense(features, growth))

    def forward(self, x):
        return self.rdb3(self.rdb2(self.rdb1(x))) * 0.2 + x


class RRDBNet(nn.Module):
    def __init__(self, features, growth, blocks, ups, unshuffle):
        super().__init__()
        self.ups, self.unshuffle = ups, unshuffle
        self.conv_first = nn.Conv2d(3 * unshuffle**2, features, 3, padding=1)
        self.body = nn.Sequential(*[Block(features, growth) for _ in range(blocks)])
        self.conv_body = nn.Conv2d(features, features, 3, padding=1)
        for k in range(ups):
            setattr(self, f"conv_up{k + 1}", nn.Conv2d(features, features, 3, padding=1))
        self.conv_hr = nn.Conv2d(features, features, 3, padding=1)
        self.conv_last = nn.Conv2d(features, 3, 3, padding=1)

    def forward(self, x):
        first = self.conv_first(F.pixel_unshuffle(x, self.unshuffle))
        hidden = first + self.conv_body(self.body(first))
        for k in range(self.ups):
            hidden = F.interpolate(hidden, scale_factor=2, mode="nearest")
            hidden = F.leaky_relu(getattr(self, f"conv_up{k + 1}")(hidden), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(hidden), 0.2))


def old_names(state, blocks, ups):
    """The keys of ESRGAN's first program."""
    numbers = {"conv_first": 0, "conv_hr": 2 + 3 * ups, "conv_last": 4 + 3 * ups}
    numbers |= {f"conv_up{k + 1}": 3 + 3 * k for k in range(ups)}
    renamed = {}
    for key, value in state.items():
        path, kind = key.rsplit(".", 1)
        if path == "conv_body":
            renamed[f"model.1.sub.{blocks}.{kind}"] = value
        elif path.startswith("body."):
            _, block, dense, conv = path.split(".")
            renamed[f"model.1.sub.{block}.{dense.upper()}.{conv}.0.{kind}"] = value
        else:
            renamed[f"model.{numbers[path]}.{kind}"] = value
    return renamed


def rrdb():
    variants, tensors = {}, {}
    folder = GOLDENS / "models" / "upscalers"
    folder.mkdir(parents=True, exist_ok=True)
    for name, ups, unshuffle, is_old in [
        ("new_x4", 2, 1, False),
        ("new_x2", 2, 2, False),
        ("new_x1", 2, 4, False),
        ("old_x4", 2, 1, True),
        ("old_x1", 0, 1, True),
        ("old_x8", 3, 1, True),
        ("old_x2", 1, 1, True),
    ]:
        torch.manual_seed(len(variants))
        net = unsettle(RRDBNet(8, 4, 2, ups, unshuffle), len(variants))
        state = {key: value.clone() for key, value in net.state_dict().items()}
        save_file(old_names(state, 2, ups) if is_old else state, folder / f"{name}.safetensors")
        pixels = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(5))
        with torch.no_grad():
            change = sensitivity(net, lambda: {"enlarged": net(pixels)})
            tensors |= {f"{name}/in/pixels": pixels, f"{name}/out/enlarged": net(pixels)}
        variants[name] = {
            "params": {"model": f"models/upscalers/{name}.safetensors"},
            "expected": {"scale": 2**ups / unshuffle},
            "tolerance": max(2e-5, 4 * change),
            "sensitivity": change,
        }
    write_case(
        "13_pictures/rrdb", "rrdb", "RRDBNet in both layouts of its keys", "RRDBNet(pixels)", "enlarged; expected.scale", variants, tensors
    )


def clipseg():
    variants, tensors = {}, {}
    for name, options, side in [
        ("simple", {}, 32),
        ("stretched_positions", {"use_complex_transposed_convolution": True, "conditional_layer": 1}, 48),
        ("shrunk_positions", {"extract_layers": [0, 2, 3]}, 16),
    ]:
        torch.manual_seed(11 + len(variants))
        text = {"vocab_size": 99, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
        text |= {"max_position_embeddings": 9, "eos_token_id": 98, "bos_token_id": 97, "pad_token_id": 98}
        vision = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4}
        vision |= {"image_size": 32, "patch_size": 8}
        config = CLIPSegConfig(
            text_config=text,
            vision_config=vision,
            projection_dim=20,
            reduce_dim=12,
            decoder_num_attention_heads=3,
            decoder_intermediate_size=28,
            **({"extract_layers": [1, 2, 3]} | options),
        )
        model = unsettle(CLIPSegForImageSegmentation(config), 3)
        model.save_pretrained(GOLDENS / "models" / f"clipseg_{name}")
        pixels = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(2))
        ids = torch.tensor([[97, 5, 17, 98, 98], [97, 42, 3, 8, 98]])

        def compute():
            with torch.no_grad():
                out = model(input_ids=ids, pixel_values=pixels, interpolate_pos_encoding=True)
            return {"logits": out.logits, "conditional_embeddings": out.conditional_embeddings}

        change = sensitivity(model, compute)
        tensors |= {f"{name}/in/pixel_values": pixels, f"{name}/in/input_ids": ids}
        tensors |= {f"{name}/out/{key}": value for key, value in compute().items()}
        variants[name] = {
            "params": {"model": f"models/clipseg_{name}"},
            "tolerance": max(2e-5, 4 * change),
            "sensitivity": change,
        }
    call = "CLIPSegForImageSegmentation(input_ids, pixel_values, interpolate_pos_encoding=True)"
    write_case("13_pictures/clipseg", "clipseg", "CLIPSeg: masks from words", call, "logits, conditional_embeddings", variants, tensors)


if __name__ == "__main__":
    rrdb()
    clipseg()
