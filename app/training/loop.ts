import { createHash } from 'node:crypto'
import { Problem } from '../problem.ts'
import type { RgbImage } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Shape } from '../tensor/tensor.ts'
import { Divergence } from './divergence.ts'
import { addTo, clip, globalNorm, scaleBy } from './gradients.ts'
import { type LearningRate, learningRateAt } from './learning-rate.ts'
import { type MovingAverageOptions, moveAverage } from './moving-average.ts'
import { copied, type Numbers } from './numbers.ts'
import { createOptimiser, type OptimiserChoice } from './optimisers/index.ts'
import { forget, newState } from './optimisers/optimiser.ts'
import { loadRun, type RunState, removeStatesFrom, saveRun } from './run-state.ts'

/** What is trained: the only thing in which trainers differ. */
export interface TrainingTask {
  /** Where the parameters begin; the loop changes them in place. */
  readonly parameters: Numbers
  readonly shapes: ReadonlyMap<string, Shape>
  /** Loss and gradients at the parameters. Everything that it draws comes from `random`, so that a run can be repeated.
   *  @param batch number of the batch in the whole run, from 0
   *  @returns with `silence`: the loss of answering zeros to the same question; where it is not told, only a loss that is no number is known to be wrong */
  compute(
    batch: number,
    random: TorchGenerator,
  ): Promise<{ readonly loss: number; readonly gradients: Numbers; readonly silence?: number }>
  /** Pictures of fixed prompts and seeds, to watch the run by. */
  validate?(parameters: Numbers): Promise<readonly RgbImage[]>
}

/** How it is trained. */
export interface TrainingPlan {
  readonly steps: number
  readonly seed: bigint
  /** Batches whose gradients are averaged for one step. */
  readonly accumulation: number
  readonly learningRate: Omit<LearningRate, 'steps'>
  /** Parts of the run, one after the other, of all its steps together: each learns at a rate of its own, and its optimiser begins anew. Absent: it is
   *  one. */
  readonly stages?: readonly Stage[]
  /** What it is multiplied by for parameters whose names begin so; absent: 1 for all. */
  readonly rateShares?: Readonly<Record<string, number>>
  readonly optimiser: OptimiserChoice
  /** Longest gradient of all parameters together; absent: it is not shortened. */
  readonly longestGradient?: number
  /** Absent: no moving average is kept. */
  readonly average?: MovingAverageOptions
}

/** A part of a run. */
export interface Stage {
  readonly steps: number
  /** Highest learning rate. */
  readonly rate: number
}

/** The stage that a step is in, with the steps before it. @param step from 0 */
export function stageAt(
  { stages, steps, learningRate }: TrainingPlan,
  step: number,
): Stage & { readonly begin: number } {
  let begin = 0
  for (const stage of stages ?? []) {
    if (step < begin + stage.steps) return { ...stage, begin }
    begin += stage.steps
  }
  return { begin, steps: steps - begin, rate: learningRate.rate }
}

/** When a run saves itself and shows pictures. */
export interface TrainingHabits {
  /** Folder of the run's states. */
  readonly folder: string
  /** What determines the run's numbers beside the plan: model, examples, settings of the task. A state of another run is refused. */
  readonly identity: string
  /** Steps from state to state. */
  readonly saveEvery: number
  /** States that are kept. */
  readonly keep: number
  /** Steps from pictures to pictures; absent: none. */
  readonly validateEvery?: number
  /** Where the rate was lowered on the way, since the run had come apart: from that many steps on it is multiplied. */
  readonly slower?: readonly { readonly step: number; readonly factor: number }[]
}

/** Where a run is, after each step. */
export interface TrainingStep {
  /** From 1. */
  readonly step: number
  readonly total: number
  /** Mean over the batches of this step. */
  readonly loss: number
  readonly learningRate: number
  /** Length of all gradients together, before it was shortened. */
  readonly gradientNorm: number
  /** Absent until two steps were measured. */
  readonly secondsLeft?: number
  /** What was learned so far, as it would be given back now; it goes on changing. */
  readonly learned: Numbers
  /** Of validation, at its interval. */
  readonly pictures?: readonly RgbImage[]
  /** File of the state that was saved after this step. */
  readonly saved?: string
}

/** THE training loop: every trainer of the studio goes through it. It goes on from the newest state in its folder, bit for bit as if it had
 *  never stopped. Whoever iterates it decides when the next step is taken: not asking for it is a pause, and between two steps
 *  anything else may be computed.
 *  @param signal looked at between steps; a run that is aborted, or left, saves itself first
 *  @param isEnough looked at after each step: whether it ends now, with what was learned
 *  @returns what was trained: the moving average where one is kept
 *  @throws the signal's reason; Problem TRAINING_DIVERGED where the loss is no number or far too large, with `details.safe`, the step of the newest good
 *  state: those after it are gone; TRAINING_OTHER_RUN; FILE_*, DISK_FULL */
export async function* train(options: {
  readonly task: TrainingTask
  readonly plan: TrainingPlan
  readonly habits: TrainingHabits
  readonly signal: AbortSignal
  readonly isEnough?: () => boolean
}): AsyncGenerator<TrainingStep, Numbers> {
  const { task, plan, habits, signal, isEnough = () => false } = options
  const { parameters } = task
  const identity = JSON.stringify([habits.identity, plan], (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  )
  const found = loadRun(habits.folder, identity)
  if (found) for (const [name, data] of parameters) data.set(found.parameters.get(name) ?? data)
  const average = found?.average ?? (plan.average && copied(parameters))
  const optimiser = found?.optimiser ?? newState()
  const optimise = createOptimiser(plan.optimiser, task.shapes)
  const shares = sharesOf(parameters, plan.rateShares ?? {})
  const divergence = new Divergence(found?.losses)
  const state = (step: number): RunState => {
    const { memory } = divergence
    return { step, parameters, ...(average && { average }), optimiser, ...(memory && { losses: memory }) }
  }
  const isSuspicious = () => divergence.suspiciousSince !== undefined
  // What may be spoilt takes the place of nothing.
  const save = (step: number) => saveRun(habits.folder, identity, state(step), isSuspicious() ? Infinity : habits.keep)
  const clock = new Clock()
  let saved = found?.step ?? 0
  let done = saved
  let isGood = true
  try {
    while (done < plan.steps && !(done > 0 && isEnough())) {
      signal.throwIfAborted()
      clock.start()
      const { begin, ...stage } = stageAt(plan, done)
      if (done === begin) forget(optimiser)
      const learningRate = learningRateAt(done - begin, { ...plan.learningRate, ...stage }) * slowness(habits, done)
      const { loss, silence, gradients } = await accumulate(task, plan, done)
      const gradientNorm =
        plan.longestGradient === undefined ? globalNorm(gradients) : clip(gradients, plan.longestGradient)
      isGood = !divergence.hear(done + 1, loss, silence) && Number.isFinite(gradientNorm)
      if (!isGood) throw diverged(habits.folder, divergence.suspiciousSince ?? done + 1)
      optimise(optimiser, parameters, gradients, learningRate, shares)
      done++
      if (average) moveAverage(average, parameters, done, plan.average)
      clock.stop()
      const isDue = (every: number | undefined) => every !== undefined && (done === plan.steps || done % every === 0)
      const path = isDue(habits.saveEvery) && !isSuspicious() ? save(done) : undefined
      if (path !== undefined) saved = done
      const look = () => task.validate?.(average ?? parameters)
      const pictures = isDue(habits.validateEvery) ? await unlessAborted(look, signal) : undefined
      const secondsLeft = clock.left(plan.steps - done)
      yield {
        ...{ step: done, total: plan.steps, loss, learningRate, gradientNorm, learned: average ?? parameters },
        ...(secondsLeft !== undefined && { secondsLeft }),
        ...(pictures && { pictures }),
        ...(path !== undefined && { saved: path }),
      }
    }
  } finally {
    // Stopped in the middle, by whoever asks for the steps or by the signal.
    if (isGood && done > saved) save(done)
  }
  return average ?? parameters
}

/** How much less than planned a step's correction is. */
const slowness = ({ slower = [] }: TrainingHabits, done: number): number =>
  slower.reduce((product, { step, factor }) => (step <= done ? product * factor : product), 1)

const sharesOf = (parameters: Numbers, shares: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(shares).flatMap(([beginning, share]) =>
      [...parameters.keys()].filter(name => name.startsWith(beginning)).map(name => [name, share] as const),
    ),
  )

/** Loss and gradients of one step: the means over its batches. */
async function accumulate({ compute }: TrainingTask, { seed, accumulation }: TrainingPlan, step: number) {
  let loss = 0
  let silence: number | undefined
  let sum: Numbers | undefined
  for (let k = 0; k < accumulation; k++) {
    const batch = step * accumulation + k
    const result = await compute(batch, streamOf(seed, `batch ${batch}`))
    loss += result.loss / accumulation
    if (result.silence !== undefined) silence = (silence ?? 0) + result.silence / accumulation
    if (sum === undefined) sum = result.gradients
    else addTo(sum, result.gradients)
  }
  const gradients = sum ?? new Map<string, Float32Array>()
  if (accumulation > 1) scaleBy(gradients, 1 / accumulation)
  return { loss, silence, gradients }
}

/** What some work gives; nothing where it was aborted on the way: the step before it is told all the same, and the loop ends then. */
async function unlessAborted<T>(work: () => Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** A stream of random numbers of its own for each purpose, so that what one draws changes nothing in another. */
export const streamOf = (seed: bigint, purpose: string): TorchGenerator =>
  new TorchGenerator(BigInt(createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32LE()))

/** Ends a run that has come apart. What a state holds is told by the loss of the step after it, so that before the first bad step is not safe.
 *  @param step the first whose loss was bad */
function diverged(folder: string, step: number): Problem {
  const safe = removeStatesFrom(folder, step - 1)
  const place = safe > 0 ? `Step ${safe} is safe.` : 'Nothing had been saved before.'
  return new Problem('TRAINING_DIVERGED', `The loss became invalid at step ${step}. ${place}`, {
    hint: safe > 0 ? `Continue from ${safe} at half the rate.` : 'Start again at half the rate.',
    details: { step, safe },
  })
}

/** How long steps take; what lies between them (a pause, pictures) does not count. */
class Clock {
  #began = 0
  #spent = 0
  #steps = 0

  start(): void {
    this.#began = performance.now()
  }

  stop(): void {
    // The first step opens the session.
    if (this.#steps++ > 0) this.#spent += performance.now() - this.#began
  }

  left(steps: number): number | undefined {
    const measured = this.#steps - 1
    return measured < 1 ? undefined : (this.#spent / measured / 1000) * steps
  }
}
