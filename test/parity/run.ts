import { parseArgs } from 'node:util'
import { Problem } from '../../app/problem.ts'
import { type Outcome, replayFolder } from './parity.ts'

/* npm run parity -- DIR [--only PATTERN]...
 * Replays golden results of the reference implementations and says where ours differ. */

const USAGE = 'Usage: npm run parity -- DIR [--only PATTERN]...'

try {
  const { folder, patterns } = readArguments()
  const outcomes: Outcome[] = []
  for await (const outcome of replayFolder(folder, patterns)) {
    outcomes.push(outcome)
    if (outcome.result === 'failed') console.log(`failed ${outcome.id}: ${outcome.reasons.join('; ')}`)
  }
  const count = (result: Outcome['result']) => outcomes.filter(outcome => outcome.result === result).length
  for (const line of reasonsForLeavingOut(outcomes)) console.log(line)
  console.log(`${count('left out')} left out`)
  console.log(`${count('passed')} passed, ${count('failed')} failed`)
  process.exitCode = count('failed') === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof Problem)) throw error
  console.error(error.sentence)
  process.exitCode = 1
}

function readArguments(): { folder: string; patterns: string[] } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string', multiple: true, default: [] } },
    })
    if (positionals.length === 1) return { folder: positionals[0], patterns: values.only }
  } catch (error) {
    throw new Problem('USAGE', error instanceof Error ? error.message : `${error}`, { hint: USAGE })
  }
  throw new Problem('USAGE', 'One folder of golden results is needed.', { hint: USAGE })
}

/** One line for each case and reason, with the number of variants. */
function reasonsForLeavingOut(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) {
    if (outcome.result !== 'left out') continue
    const key = `${outcome.id.slice(0, outcome.id.lastIndexOf('/'))}: ${outcome.reason}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, count]) => `left out ${count} of ${key}`)
}
