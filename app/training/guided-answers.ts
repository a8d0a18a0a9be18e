import { mix } from '../tensor/arithmetic.ts'
import type { TrainingExample } from './data.ts'
import type { Question } from './noising.ts'
import type { OwnAnswers } from './own-answers.ts'

/** What is asked instead, where pictures are drawn under guidance. */
export type UnderGuidance = (question: Question, size: TrainingExample['size']) => Promise<Question>

/** Drawing adds to what a network answers to a caption how much that differs from its answer to none, `scale - 1` times (Ho & Salimans 2022,
 *  arXiv:2207.12598, eq. 6). A network that learned a few pictures without that draws more than they show: first of all their mean, where and as large as
 *  all of them agree. So it learns the answer that guidance turns into the picture's, none + (target - none) / scale. That lies nearer to what it answers already, too:
 *  less of the rest is forgotten.
 *  @param own of the untrained network, which keeps its answer to an empty caption  @param scale 1: nothing changes */
export const underGuidance =
  (own: OwnAnswers, scale: number): UnderGuidance =>
  async (question, size) => {
    const none = await own(question, '', size)
    return { ...question, target: mix([1 / scale, question.target], [1 - 1 / scale, none]) }
  }
