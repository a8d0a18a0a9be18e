import type { Job } from '../../app/library/records.ts'
import { Problem } from '../../app/problem.ts'

/** Somebody who waits for a job. */
interface Question extends Pick<PromiseWithResolvers<readonly string[]>, 'resolve' | 'reject'> {
  pictures: readonly string[]
}

/** Who waits for the answers of jobs: pictures that the job makes, by their hashes. */
export class Questions {
  readonly #open = new Map<string, Question>()

  /** The answer of a job, once it has ended. @throws Problem JOB_CANCELLED, or as the job fails */
  answerOf(id: string): Promise<readonly string[]> {
    const question = { ...Promise.withResolvers<readonly string[]>(), pictures: [] }
    this.#open.set(id, question)
    return question.promise
  }

  /** What a job found, which is told with its end. */
  found(id: string, pictures: readonly string[]): void {
    const question = this.#open.get(id)
    if (question) question.pictures = pictures
  }

  /** Tells who waits for a job that has ended. */
  ended({ id, state, problem }: Job): void {
    const question = this.#open.get(id)
    this.#open.delete(id)
    if (state === 'done') question?.resolve(question.pictures)
    else if (problem) question?.reject(new Problem(problem.code, problem.message, { hint: problem.hint }))
    else question?.reject(new Problem('JOB_CANCELLED', 'It was stopped before the answer was there.'))
  }
}
