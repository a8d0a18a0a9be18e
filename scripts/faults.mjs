// `npm run faults [-- ROUNDS]`: the fault tests, with many rounds of those that kill at random moments (200 unless another number is given).
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const rounds = process.argv[2] ?? '200'
if (!/^[1-9]\d*$/.test(rounds)) {
  console.error(`"${rounds}" is no number of rounds.`)
  process.exit(1)
}
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'faults', '--testTimeout', '7200000'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SFUMATO_FAULT_ROUNDS: rounds },
})
process.exit(status ?? 1)
