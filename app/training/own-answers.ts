import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TrainingExample } from './data.ts'
import type { KeptTensors } from './kept-tensors.ts'
import type { Question } from './noising.ts'
import { frozenCaptions } from './text-to-image-task.ts'

/** What a checkpoint itself answers to a question, as it was before it learned. */
export type OwnAnswers = (question: Question, caption: string, size: TrainingExample['size']) => Promise<Tensor>

/** The answers of an untrained checkpoint: to learn them keeps its predictions, where to learn pictures that it drew keeps them but on average
 *  (learning without forgetting, Li & Hoiem 2016, arXiv:1606.09282).
 *  @param kept what earlier trainings made of the words  @throws Problem as `Checkpoint.condition`; the answers also MEMORY */
export async function ownAnswers(checkpoint: Checkpoint, kept?: KeptTensors): Promise<OwnAnswers> {
  const captions = await frozenCaptions(checkpoint, kept)
  return async ({ sample, timestep }, caption, size) => {
    const predict = await checkpoint.predictor(sample.shape, captions.tokens, false)
    return predict(sample, timestep, await captions.feed([caption], size))
  }
}
