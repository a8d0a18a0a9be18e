import picomatch from 'picomatch'
import { Problem } from '../../app/problem.ts'
import { differences } from './compare.ts'
import { readVariants, type Variant } from './goldens.ts'
import { replayers } from './replayers/index.ts'

/** How a variant went. */
export type Outcome =
  | { readonly id: string; readonly result: 'passed' }
  | { readonly id: string; readonly result: 'failed'; readonly reasons: readonly string[] }
  | { readonly id: string; readonly result: 'left out'; readonly reason: string }

/** Replays a folder of golden results, variant by variant.
 *  @param patterns globs over group/case/variant, whose `*` crosses slashes too; none: everything
 *  @throws Problem GOLDENS_* for a folder that is none, PATTERN_UNMATCHED for a pattern that matches nothing */
export async function* replayFolder(root: string, patterns: readonly string[] = []): AsyncGenerator<Outcome> {
  for (const variant of select(readVariants(root), patterns)) yield await replayVariant(variant)
}

function select(variants: readonly Variant[], patterns: readonly string[]): readonly Variant[] {
  if (patterns.length === 0) return variants
  const matches = patterns.map(pattern => {
    const isMatch = picomatch(pattern, { bash: true, dot: true, noextglob: true, nonegate: true })
    const matched = variants.filter(({ id }) => isMatch(id))
    if (matched.length > 0) return matched
    throw new Problem('PATTERN_UNMATCHED', `No variant matches "${pattern}".`, {
      hint: `There are ${variants.length}, named group/case/variant, such as ${variants[0]?.id}.`,
    })
  })
  const chosen = new Set(matches.flat())
  return variants.filter(variant => chosen.has(variant))
}

async function replayVariant(variant: Variant): Promise<Outcome> {
  const { id, kind } = variant
  const replayer = replayers[kind]
  if (replayer === undefined) return { id, result: 'left out', reason: `nothing replays the kind "${kind}" yet` }
  try {
    const replay = await replayer(variant)
    if ('leftOut' in replay) return { id, result: 'left out', reason: replay.leftOut }
    const reasons = differences(variant, replay)
    return reasons.length === 0 ? { id, result: 'passed' } : { id, result: 'failed', reasons }
  } catch (error) {
    return { id, result: 'failed', reasons: [describe(error)] }
  }
}

/** What stopped a replay, on one line. */
function describe(error: unknown): string {
  const text = error instanceof Problem ? error.sentence : error instanceof Error ? (error.stack ?? '') : `${error}`
  return text
    .split('\n')
    .slice(0, 3)
    .map(line => line.trim())
    .join(' ')
}
