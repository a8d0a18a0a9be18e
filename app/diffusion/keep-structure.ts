import { tensor } from '../tensor/tensor.ts'
import type { AttentionPlan } from './attention.ts'

/** What is kept of the first of two pictures, in the attention of places to places. structure: queries and keys in the first part of the run, so that
 *  places belong together as they did (Tumanyan et al. 2022, "Plug-and-Play", arXiv:2211.12572, section 3.2, without its features of residual blocks);
 *  appearance: keys and values in the later part, so that places look up what they show (Cao et al. 2023, "MasaCtrl", arXiv:2304.08465, section 4.1).
 *  Both in the layers of the way up. @param share of the run that is the first part, 0 to 1  @param calls of the run */
export function keptStructure(
  kind: 'structure' | 'appearance',
  { share, calls }: { share: number; calls: number },
): AttentionPlan {
  const border = Math.round(share * calls)
  return {
    sizes: { followers: 1, structure: { layers: 'up', halves: 'both' } },
    fedAt(call) {
      const isFirstPart = call < border
      const taken = kind === 'structure' ? [isFirstPart, isFirstPart, false] : [false, !isFirstPart, !isFirstPart]
      return { 'attention.structure': tensor([3], Float32Array.from(taken, Number)) }
    },
  }
}
