import { z } from 'zod'

/** Steps whose losses are looked at together, so that one odd picture, or one hard level of noise, makes no alarm. */
const WINDOW = 8
/** How many times worse than a network that answers nothing, in the geometric mean of these steps, is the end of a run. Networks of random weights are near
 *  1 (1.6 at most, in runs of all forms, weights of levels and optimisers), and those that learn are below. */
const ALARM = 4
/** From here on a single step is suspicious: what was learned until then may be spoilt. */
const SUSPICIOUS = 2

/** What a run's losses told so far: a part of its state. */
export const divergenceMemory = z.object({
  /** Loss of the run's first step, before anything was changed. */
  first: z.number(),
  /** The mean of what zeros would have lost, and over how many steps. */
  silence: z.number(),
  steps: z.int(),
  /** Logarithms of how many times worse than that the newest steps were, the newest last; none below 0. */
  recent: z.array(z.number()),
  /** The first of the newest steps that are all suspicious. */
  suspiciousSince: z.int().optional(),
})
type Memory = z.infer<typeof divergenceMemory>

/** Tells a run that has come apart from one that is noisy. A loss is measured by what a network would lose that answers zeros to what was asked so far: so
 *  neither the form of the answers, nor weights of noise levels, nor the brightness of the pictures matters. Where the run's own first loss was larger, it is
 *  measured by that. */
export class Divergence {
  #memory: Memory | undefined

  /** @param memory of the run, where it goes on */
  constructor(memory?: Memory) {
    this.#memory = memory
  }

  /** Absent before the first step. */
  get memory(): Memory | undefined {
    return this.#memory
  }

  /** The first of the newest steps that are all suspicious; undefined: the newest is as it should be. */
  get suspiciousSince(): number | undefined {
    return this.#memory?.suspiciousSince
  }

  /** Hears the loss of a step, before its correction.
   *  @param silence what zeros would lose; undefined: not known, and the loss need only be a number
   *  @returns whether the run has come apart */
  hear(step: number, loss: number, silence: number | undefined): boolean {
    const { first, silence: before, steps, recent, suspiciousSince } = this.#memory ?? { ...nothing, first: loss }
    const mean = before + ((silence ?? 0) - before) / (steps + 1)
    // One question may be of almost nothing: a grey picture, or a level that hardly counts.
    const times = silence === undefined ? 1 : loss / Math.max(silence, mean, first)
    const newest = [...recent, Math.max(0, Math.log(times))].slice(-WINDOW)
    const isSuspicious = !(times < SUSPICIOUS)
    this.#memory = {
      ...{ first, silence: mean, steps: steps + 1, recent: newest },
      ...(isSuspicious && { suspiciousSince: suspiciousSince ?? step }),
    }
    return !Number.isFinite(loss) || newest.reduce((sum, each) => sum + each, 0) > WINDOW * Math.log(ALARM)
  }
}

const nothing: Omit<Memory, 'first'> = { silence: 0, steps: 0, recent: [] }
