/** `npm run bench` (or `npm run bench -- embedded`): the embedded model on this computer: cold start to a written picture, seconds per step and per further picture,
 *  peak memory; with `--reference PYTHON` (an interpreter that has torch and diffusers) the same beside the reference, as ratios.
 *  Rounds of both alternate, so both meet the same load. Prints a table, writes JSON (`--json FILE`, default artifacts/bench.json). */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { PeakMemory } from './memory.ts'
import { runProgram } from './program.ts'
import { measureWarm } from './warm.ts'

const { values } = parseArgs({
  options: {
    reference: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    model: { type: 'string', default: 'native-models/sticker-world' },
    json: { type: 'string', default: 'artifacts/bench.json' },
  },
})
const [rounds, pictures, steps, threads] = [values.rounds, values.pictures, values.steps, values.threads].map(Number)

/** Figures of one program; seconds and bytes; each the best (smallest) of the rounds, peaks the largest. */
interface Figures {
  coldStart: number
  picture: number
  step: number
  memory: PeakMemory | undefined
}

const work = mkdtempSync(join(tmpdir(), 'sfumato-bench-'))

async function ownRound(): Promise<Figures> {
  const out = join(work, 'own.png')
  // A library of its own for each round: a first start on this computer, not the second.
  const home = mkdtempSync(join(work, 'home-'))
  const cold = await runProgram(
    process.execPath,
    [
      ...['scripts/generate.mjs', 'a red apple, 3d style, on a blue background', '--model', values.model],
      ...['--seed', '7', '--steps', String(steps), '--provider', 'cpu', '--out', out],
    ],
    { SFUMATO_HOME: home },
  )
  statSync(out)
  const warm = await measureWarm({ model: values.model, steps, pictures, threads })
  return { coldStart: cold.seconds, memory: cold.memory, ...warm }
}

async function referenceRound(python: string): Promise<Figures> {
  const out = join(work, 'reference.png')
  const script = join(import.meta.dirname, 'reference.py')
  const started = Date.now() / 1000
  const args = [script, values.model, String(threads), String(steps), String(pictures), out]
  const run = await runProgram(python, args, {
    OMP_WAIT_POLICY: 'passive',
    OMP_NUM_THREADS: String(threads),
    HF_HUB_OFFLINE: '1',
  })
  const [cold, warm] = run.lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  return {
    coldStart: cold.written - started,
    picture: Math.min(...warm.pictures),
    step: Math.min(...warm.steps),
    memory: run.memory,
  }
}

function best(all: readonly Figures[]): Figures {
  const least = (pick: (figures: Figures) => number) => Math.min(...all.map(pick))
  const most = (pick: (memory: PeakMemory) => number) => {
    const peaks = all.flatMap(({ memory }) => (memory === undefined ? [] : [pick(memory)]))
    return peaks.length === 0 ? Number.NaN : Math.max(...peaks)
  }
  const memory = {
    anonymous: most(peak => peak.anonymous),
    mapped: most(peak => peak.mapped),
    together: most(peak => peak.together),
  }
  return { coldStart: least(f => f.coldStart), picture: least(f => f.picture), step: least(f => f.step), memory }
}

function table(own: Figures, reference: Figures | undefined): string {
  const megabytes = (bytes: number) => bytes / 2 ** 20
  const rows: readonly [string, (figures: Figures) => number, string][] = [
    ['cold start to a written picture', f => f.coldStart, 's'],
    ['a further picture', f => f.picture, 's'],
    ['a step (both predictions of guidance)', f => f.step, 's'],
    ['peak memory, anonymous', f => megabytes(f.memory?.anonymous ?? Number.NaN), 'MiB'],
    ['peak memory, mapped files', f => megabytes(f.memory?.mapped ?? Number.NaN), 'MiB'],
    ['peak memory, together', f => megabytes(f.memory?.together ?? Number.NaN), 'MiB'],
  ]
  const shown = (value: number, unit: string) =>
    Number.isNaN(value) ? 'not measured' : `${value.toFixed(unit === 's' ? 3 : 0)} ${unit}`
  const lines = rows.map(([name, pick, unit]) => {
    const ours = shown(pick(own), unit).padStart(13)
    if (reference === undefined) return `${name.padEnd(40)}${ours}`
    return `${name.padEnd(40)}${ours}${shown(pick(reference), unit).padStart(13)}${(pick(own) / pick(reference)).toFixed(2).padStart(8)}x`
  })
  const head = `${`${steps} steps, ${threads} threads, best of ${rounds} rounds`.padEnd(40)}${'Sfumato'.padStart(13)}`
  return [reference === undefined ? head : `${head}${'diffusers'.padStart(13)}${'ratio'.padStart(9)}`, ...lines].join(
    '\n',
  )
}

try {
  // The bundles are made once in a checkout's life; that is not a start.
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  const own: Figures[] = []
  const reference: Figures[] = []
  for (let round = 0; round < rounds; round++) {
    own.push(await ownRound())
    if (values.reference !== undefined) reference.push(await referenceRound(values.reference))
  }
  const result = { own: best(own), reference: reference.length > 0 ? best(reference) : undefined }
  console.log(table(result.own, result.reference))
  mkdirSync(dirname(values.json), { recursive: true })
  writeFileSync(values.json, JSON.stringify({ steps, threads, rounds: { own, reference }, best: result }, null, 2))
} finally {
  rmSync(work, { recursive: true, force: true })
}
