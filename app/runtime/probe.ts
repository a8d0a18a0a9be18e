import { type Provider, targets } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { relativeTime, selfTest } from './self-test.ts'

/** Finds out in this process whether a provider can be used; a broken driver may end the process.
 *  @returns usable: it agrees with the CPU on the known-answer test; quicker: it was faster than the CPU there; reason: in words */
export async function probeProvider(
  provider: Provider,
  threads: number,
): Promise<{ usable: boolean; quicker: boolean; reason: string }> {
  try {
    const { passed, worstError } = await selfTest(targets[provider], threads)
    if (!passed) {
      const reason = `it computes wrong numbers (off by ${worstError.toExponential(1)} of the largest)`
      return { usable: false, quicker: false, reason }
    }
    const ratio = await relativeTime(targets[provider], threads)
    const reason = `it agrees with the CPU to ${worstError.toExponential(1)}, and takes ${ratio.toFixed(2)} times its time`
    return { usable: true, quicker: ratio < 1, reason }
  } catch (error) {
    return { usable: false, quicker: false, reason: whyNot(error) }
  }
}

function whyNot(error: unknown): string {
  const details = error instanceof Problem ? String(error.details?.reason ?? error.message) : String(error)
  return /adapter/i.test(details) ? 'no graphics card that it supports was found' : details.split('\n')[0].slice(0, 200)
}
