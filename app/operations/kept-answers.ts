import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { TrainingSet } from '../training/data.ts'
import type { KeptTensors } from '../training/kept-tensors.ts'
import { ownAnswers } from '../training/own-answers.ts'

/** What the model itself answers, where that was chosen and class images are there to ask it about.
 *  @param whole with class images  @throws Problem as `ownAnswers` */
export async function keptAnswers(
  checkpoint: Checkpoint,
  whole: TrainingSet,
  chosen: { readonly ownAnswers: boolean },
  kept: KeptTensors | undefined,
) {
  if (!chosen.ownAnswers || !whole.examples.some(({ isClassImage }) => isClassImage)) return {}
  return { ownAnswers: await ownAnswers(checkpoint, kept) }
}
