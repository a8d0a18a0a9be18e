import { halfTarget, type Provider, type Target, targets } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { relativeTime, selfTest } from './self-test.ts'

/** What was found out about one way to compute. */
export interface Probed {
  /** Whether it agrees with the CPU on the known-answer test. */
  readonly usable: boolean
  /** Whether it was faster there than what it would stand in for. */
  readonly quicker: boolean
  /** In words. */
  readonly reason: string
}

/** Finds out in this process whether a provider can be used, and whether in half precision too; a broken driver may end the process.
 *  @returns quicker: than the CPU; of `half`: than the same provider in single precision */
export async function probeProvider(provider: Provider, threads: number): Promise<Probed & { readonly half?: Probed }> {
  const full = await probed(targets[provider], targets.cpu, threads)
  if (provider !== halfTarget.provider || !full.usable) return full
  return { ...full, half: await probed(halfTarget, targets[provider], threads) }
}

/** @param other what it would stand in for */
async function probed(target: Target, other: Target, threads: number): Promise<Probed> {
  try {
    const { passed, worstError } = await selfTest(target, threads)
    if (!passed) {
      const reason = `it computes wrong numbers (off by ${worstError.toExponential(1)} of the largest)`
      return { usable: false, quicker: false, reason }
    }
    const ratio = await relativeTime(target, threads, other)
    const whose = other.provider === target.provider ? 'the time of single precision' : 'its time'
    const reason = `it agrees with the CPU to ${worstError.toExponential(1)}, and takes ${ratio.toFixed(2)} times ${whose}`
    return { usable: true, quicker: ratio < 1, reason }
  } catch (error) {
    return { usable: false, quicker: false, reason: whyNot(error) }
  }
}

/** ONNX Runtime's words for what a person can understand. */
export function whyNot(error: unknown): string {
  const details = error instanceof Problem ? String(error.details?.reason ?? error.message) : String(error)
  if (/adapter/i.test(details)) return 'no graphics card that it supports was found'
  // "Program Cast requires f16 but the device does not support it."
  if (/requires f16/i.test(details)) return 'the graphics card does not have it'
  return details.split('\n')[0].slice(0, 200)
}
