import type { Alignment } from '../models/prompt/alignment.ts'
import { tensor } from '../tensor/tensor.ts'
import type { AttentionPlan } from './attention.ts'

/** How much of the source an edited picture holds to. */
export interface WordEdit extends Alignment {
  /** How much the map of each edited token counts. [tokens] */
  readonly equalizer: Float32Array
  /** Share of the run in which words look where they looked in the source ("cross"), 0 to 1. */
  readonly placement: number
  /** Share of the run in which places look at those that they looked at in the source ("self"), 0 to 1. */
  readonly shape: number
  /** Places of the pictures in whose attention the shape is kept, at most. */
  readonly mostPlaces: number
}

/** Prompt-to-prompt (Hertz et al. 2022, arXiv:2208.01626, algorithm 1): the last of two pictures of one noise is drawn with the attention of the
 *  first, which is drawn as if it were alone. Steps are counted as in the authors' program: those of placement in one more than there are.
 *  @param run its steps, and its calls of the network */
export function promptToPrompt(edit: WordEdit, { steps, calls }: { steps: number; calls: number }): AttentionPlan {
  const tokens = edit.equalizer.length
  const until = Math.floor(edit.placement * (steps + 1))
  const keepsShapeUntil = Math.floor(edit.shape * steps)
  const held = {
    'attention.source_words': tensor([1, tokens, tokens], sourceWords(edit)),
    'attention.own_words': tensor(
      [1, tokens],
      edit.shared.map((share, k) => (1 - share) * edit.equalizer[k]),
    ),
  }
  const free = {
    'attention.source_words': tensor([1, tokens, tokens]),
    'attention.own_words': tensor([1, tokens], new Float32Array(tokens).fill(1)),
  }
  const keepsShape = edit.shape > 0
  return {
    sizes: {
      ...{ followers: 1, words: true },
      ...(keepsShape && { structure: { mostPlaces: edit.mostPlaces, layers: 'all', halves: 'wanted' } }),
    },
    fedAt(call) {
      const step = Math.floor((call * steps) / calls)
      const share = step < keepsShapeUntil ? 1 : 0
      return {
        ...(step < until ? held : free),
        ...(keepsShape && { 'attention.structure': tensor([3], Float32Array.of(share, share, 0)) }),
      }
    },
  }
}

/** The part of the source's maps, times what each edited token counts. */
function sourceWords({ matrix, shared, equalizer }: WordEdit): Float32Array {
  const tokens = equalizer.length
  return matrix.map((value, k) => value * shared[k % tokens] * equalizer[k % tokens])
}
