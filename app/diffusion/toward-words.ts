import type { Conditioning, GuidanceConditioning } from '../runtime/conditioning.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What the network is told between what draws a picture and what its words say: e = eta * target + (1 - eta) * optimised (Kawar et al. 2022, "Imagic",
 *  arXiv:2210.09276, eq. 3). What was not optimised stays as the words have it.
 *  @param optimised by the name of the input, a batch of 1  @param eta 0: the picture; 1: the words; more goes beyond them */
export function towardWords(
  { positive, negative }: GuidanceConditioning,
  optimised: Readonly<Record<string, Tensor>>,
  eta: number,
): GuidanceConditioning {
  const between = ([name, target]: [string, Tensor]): [string, Tensor] => {
    const found = optimised[name]
    if (found === undefined) return [name, target]
    return [name, mix([eta, target], [1 - eta, repeatEach(found, target.shape[0])])]
  }
  const told: Conditioning = Object.fromEntries(Object.entries(positive).map(between))
  return { positive: told, negative }
}
