"""Reference numbers of app/models/inception-v3.test.ts: InceptionV3 of torchvision with weights by a formula, and the network of 2015-12-05,
which pools in other ways (Heusel et al. 2017). Prints sums and samples of features and logits.
Needs torch and torchvision."""

import json

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.models import inception


def numbers(count, seed):
    k = np.arange(count, dtype=np.int64)
    root = (k * 7919 + seed * 104729) % 65521
    return (root * root % 65521).astype(np.float64) / 65521 - 0.5


def fill(network):
    parameters = [(name, value) for name, value in sorted(network.state_dict().items()) if value.dim() > 0]
    for seed, (name, value) in enumerate(parameters):
        kind = name.rsplit('.', 1)[1]
        plain = numbers(value.numel(), seed)
        fan = value[0].numel() if value.dim() > 1 else 1
        made = {
            'weight': plain * np.sqrt(24 / fan) if value.dim() > 1 else 1 + plain,
            'bias': plain * 0.2,
            'running_mean': plain * 0.2,
            'running_var': 1 + plain,
        }[kind]
        value.copy_(torch.from_numpy(made.astype(np.float32)).reshape(value.shape))


class A(inception.InceptionA):
    pool = staticmethod(lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))

    def _forward(self, x):
        five = self.branch5x5_2(self.branch5x5_1(x))
        three = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return [self.branch1x1(x), five, three, self.branch_pool(self.pool(x))]


class C(inception.InceptionC):
    def _forward(self, x):
        seven = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_1(x)
        for k in range(2, 6):
            double = getattr(self, f'branch7x7dbl_{k}')(double)
        return [self.branch1x1(x), seven, double, self.branch_pool(A.pool(x))]


class E(inception.InceptionE):
    pool = staticmethod(A.pool)

    def _forward(self, x):
        single = self.branch3x3_1(x)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        parts = [self.branch3x3_2a(single), self.branch3x3_2b(single)]
        more = [self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double)]
        pooled = self.branch_pool(self.pool(x))
        return [self.branch1x1(x), torch.cat(parts, 1), torch.cat(more, 1), pooled]


class LastE(E):
    pool = staticmethod(lambda x: F.max_pool2d(x, 3, 1, 1))


def fid():
    network = inception.inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False)
    network.Mixed_5b, network.Mixed_5c, network.Mixed_5d = A(192, 32), A(256, 64), A(288, 64)
    network.Mixed_6b, network.Mixed_6c = C(768, 128), C(768, 160)
    network.Mixed_6d, network.Mixed_6e = C(768, 160), C(768, 192)
    network.Mixed_7b, network.Mixed_7c = E(1280), LastE(2048)
    return network


networks = {
    'torchvision': inception.inception_v3(weights=None, num_classes=10, aux_logits=False, init_weights=False),
    'fid': fid(),
}
pixels = torch.from_numpy((numbers(3 * 299 * 299, 1) * 2).astype(np.float32)).reshape(1, 3, 299, 299)
with torch.no_grad():
    for name, network in networks.items():
        network.eval()
        network.transform_input = False
        fill(network)
        held = {}
        network.avgpool.register_forward_hook(lambda _m, _i, out: held.update(features=out.flatten(1)))
        logits = network(pixels)
        for what, value in {**held, 'logits': logits}.items():
            flat = value.double().flatten()
            samples = flat[:: len(flat) // 8][:8]
            print(name, what, list(value.shape), json.dumps({'mean': flat.mean().item(), 'deviation': flat.std(unbiased=False).item(), 'samples': samples.tolist()}))
