import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { TrainingSet } from '../training/data.ts'
import { type UnderGuidance, underGuidance } from '../training/guided-answers.ts'
import type { KeptTensors } from '../training/kept-tensors.ts'
import { type OwnAnswers, ownAnswers } from '../training/own-answers.ts'

/** What the model itself answers, where that was chosen: class images are asked about it, and pictures that are learned under guidance, which counts from the
 *  answer to an empty caption.
 *  @param whole with class images  @param guidance that the pictures are learned under; 1: none  @throws Problem as `ownAnswers` */
export async function keptAnswers(
  checkpoint: Checkpoint,
  whole: TrainingSet,
  chosen: { readonly ownAnswers: boolean },
  { kept, guidance = 1 }: { readonly kept: KeptTensors | undefined; readonly guidance?: number },
): Promise<{ readonly ownAnswers?: OwnAnswers; readonly guided?: UnderGuidance }> {
  const isGuided = guidance > 1
  if (!chosen.ownAnswers || !(isGuided || whole.examples.some(({ isClassImage }) => isClassImage))) return {}
  const own = await ownAnswers(checkpoint, kept)
  return { ownAnswers: own, ...(isGuided && { guided: underGuidance(own, guidance) }) }
}
