import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Footprint } from '../runtime/footprint.ts'
import type { RgbImage } from '../tensor/images.ts'
import { stageAt, streamOf, type TrainingPlan, type TrainingTask, train } from '../training/loop.ts'
import type { Numbers } from '../training/numbers.ts'
import { countOf } from '../training/numbers.ts'
import type { OptimiserChoice } from '../training/optimisers/index.ts'
import { exactText } from './exact-text.ts'
import type { Complete, Progress, Workshop } from './operation.ts'
import { addedPrompts, RunJournal, type Watching } from './run-journal.ts'
import type { commonTraining } from './training-parameters.ts'

/** What a person chose of what all trainers ask for. */
export type TrainingChoices = Omit<Complete<z.output<z.ZodObject<typeof commonTraining>>>, 'images' | 'flip'> & {
  readonly seed: bigint
}

/** The plan that these choices come to. @param usualRate the learning rate where none was chosen */
export function planOf(chosen: TrainingChoices, usualRate: number, more: Partial<TrainingPlan> = {}): TrainingPlan {
  const { steps, seed, accumulation, schedule, warmUp, clip } = chosen
  const usual = chosen.optimiser === 'Prodigy' ? 1 : usualRate
  const optimiser: OptimiserChoice =
    chosen.optimiser === 'Adafactor'
      ? { name: 'Adafactor', options: { isRelative: false, scalesParameter: false } }
      : { name: chosen.optimiser }
  return {
    ...{ steps, seed, accumulation, optimiser },
    learningRate: { schedule, rate: chosen.learningRate || usual, warmUp },
    ...(clip > 0 && { longestGradient: clip }),
    ...more,
  }
}

/** Runs a training to its end, with words for the person: what it will take before the first step, then loss and pictures.
 *  The run has a folder of its own, which keeps what it was watched by; the same choices go on where they were stopped.
 *  @param watching what is to be seen of it beside its loss
 *  @param identity what determines the run beside the plan  @returns what was trained, and the last pictures */
export async function* runTraining(options: {
  readonly task: Omit<TrainingTask, 'validate'>
  /** Pictures to watch it by, one of each prompt where it draws from words. */
  readonly draw: (parameters: Numbers, prompts: readonly string[]) => Promise<readonly RgbImage[]>
  readonly footprint: Footprint
  readonly plan: TrainingPlan
  readonly habits: Pick<TrainingChoices, 'saveEvery' | 'showEvery' | 'batch'>
  readonly watching: Omit<Watching, 'steps' | 'every'>
  readonly identity: readonly unknown[]
  readonly workshop: Workshop
  readonly signal: AbortSignal
}): AsyncGenerator<Progress, { readonly parameters: Numbers; readonly pictures: readonly RgbImage[] }> {
  const { plan, workshop, signal } = options
  const { task: learning } = options
  const { steps: total } = plan
  yield { phase: 'Measuring a step', step: 0, total }
  const seconds = (await secondsOfRun(learning, plan)) / total
  // Numbers, gradients, and what optimisers remember.
  const heldBytes = 4 * 4 * countOf(learning.parameters)
  const memory = options.footprint.activations + heldBytes
  yield {
    phase: `${total} steps: about ${minutes(seconds * total)}, ${gigabytes(memory)} of memory`,
    step: 0,
    total,
    secondsLeft: seconds * total,
    heldBytes,
  }
  const identity = exactText(options.identity)
  const run = createHash('sha256').update(identity).update(exactText(plan)).digest('hex').slice(0, 16)
  const folder = join(workshop.home, 'training', run)
  const { saveEvery, showEvery, batch } = options.habits
  const prompts = () => [...options.watching.prompts, ...addedPrompts(folder)]
  const task = { ...learning, validate: (numbers: Numbers) => options.draw(numbers, prompts()) }
  const journal = new RunJournal(folder, { ...options.watching, steps: total, every: showEvery || saveEvery }, workshop)
  const isNew = journal.begin(seconds, batch * plan.accumulation)
  if (isNew) {
    yield { phase: 'Looking at the beginning', step: 0, total, training: run }
    const first = showEvery > 0 ? await task.validate(task.parameters) : undefined
    await journal.look(0, task.parameters, first ?? [])
  }
  const validateEvery = showEvery || total
  const loop = train({
    ...{ task, plan, signal, isEnough: workshop.isEnough },
    habits: { folder, identity, saveEvery, keep: 3, validateEvery, slower: journal.slower() },
  })
  let pictures: readonly RgbImage[] = []
  let mean: number | undefined
  let done = 0
  let isGood = true
  let learned = task.parameters
  try {
    for (;;) {
      const next = await loop.next()
      if (next.done) {
        // Stopped while its last pictures were drawn, it goes on with those.
        if (done === 0) pictures = await task.validate(next.value)
        return { parameters: next.value, pictures }
      }
      const { step, loss, secondsLeft } = next.value
      done = step
      learned = next.value.learned
      await journal.step(next.value)
      pictures = next.value.pictures ?? pictures
      mean = mean === undefined ? loss : 0.98 * mean + 0.02 * loss
      const phase = `Step ${step} of ${total}, loss ${mean.toFixed(4)}`
      yield {
        ...{ phase, step, total, training: run },
        ...(secondsLeft !== undefined && { secondsLeft }),
        ...(pictures.length > 0 && { previews: pictures }),
      }
    }
  } catch (error) {
    const { data: bad } = divergenceDetails.safeParse(error)
    isGood = bad === undefined
    if (bad) journal.diverged(bad.details.step, bad.details.safe)
    throw error
  } finally {
    // Stopped in the middle: the loop saves its state, and what was learned can be used as it is.
    await loop.return(new Map())
    if (isGood) journal.keepResult(done, learned)
    journal.stopped(done)
  }
}

const divergenceDetails = z.object({
  code: z.literal('TRAINING_DIVERGED'),
  details: z.object({ step: z.number(), safe: z.number() }),
})

/** What all steps take, by one of each stage; the last first, so that what the run begins with is open at its end. */
async function secondsOfRun(task: Pick<TrainingTask, 'compute'>, plan: TrainingPlan): Promise<number> {
  let seconds = 0
  for (let step = plan.steps; step > 0; ) {
    const { begin, steps } = stageAt(plan, step - 1)
    seconds += steps * (await secondsOfStep(task, plan, begin * plan.accumulation))
    step = begin
  }
  return seconds
}

/** The first time a graph is opened as well; so it is the second that counts. */
async function secondsOfStep(
  { compute }: Pick<TrainingTask, 'compute'>,
  { seed, accumulation }: TrainingPlan,
  batch: number,
): Promise<number> {
  await compute(batch, streamOf(seed, 'trial'))
  const start = performance.now()
  await compute(batch, streamOf(seed, 'trial'))
  return ((performance.now() - start) / 1000) * accumulation
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`
