/** `npm run bench:sd15`: a checkpoint of Stable Diffusion 1.5's size (random values, fp16, 2.1 GB, made for this run outside the repository) in each
 *  precision: time until it is ready to denoise, time and CPU time of one guided step, peak memory beside what was predicted; with
 *  `--reference PYTHON` (an interpreter that has torch and diffusers) the same beside diffusers in fp32, as ratios. Rounds of all alternate, so all
 *  meet the same load. Prints medians, writes JSON (`--json FILE`, default artifacts/bench-sd15.json).
 *  Options: --rounds N --steps N --threads N --size PIXELS --precisions "as stored,fp32,8 bit,4 bit" --work FOLDER (kept; default: a temporary one). */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { precisions } from '../../app/weights/precision.ts'
import { median } from './median.ts'
import type { PeakMemory } from './memory.ts'
import { type Finished, runProgram } from './program.ts'
import { writeSd15 } from './sd15-model.ts'

const { values } = parseArgs({
  options: {
    reference: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    size: { type: 'string', default: '512' },
    precisions: { type: 'string', default: precisions.filter(each => each !== 'fp16').join(',') },
    work: { type: 'string' },
    json: { type: 'string', default: 'artifacts/bench-sd15.json' },
  },
})
const { rounds, steps, threads, size } = values

/** Model and side-cars together. */
const NEEDED_BYTES = 8.5e9
/** As the worker is started (main/worker-process.ts). */
const WORKER_FLAGS = ['--max-semi-space-size=2']
/** Milliseconds between looks at the memory; a look at gigabytes of pages takes a while itself. */
const WATCH_INTERVAL = 200

const readySchema = z.object({
  ready: z.number(),
  footprint: z.object({ weights: z.number(), activations: z.number() }).optional(),
})
const stepsSchema = z.object({ steps: z.array(z.object({ wall: z.number(), cpu: z.number() })) })

/** Figures of one program: seconds and bytes. */
interface Figures {
  readonly ready: number
  readonly wall: number
  readonly cpu: number
  readonly memory: PeakMemory
  readonly predicted?: { readonly weights: number; readonly activations: number }
}

/** The median of the steps after the first, which reads the weights from the disk. */
function figuresOf({ lines, memory }: Finished, started: number): Figures {
  const [first, second] = lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  const { ready, footprint } = readySchema.parse(first)
  const taken = stepsSchema.parse(second).steps.slice(1)
  return {
    ready: ready - started,
    wall: median(taken.map(({ wall }) => wall)),
    cpu: median(taken.map(({ cpu }) => cpu)),
    memory: memory ?? { anonymous: Number.NaN, mapped: Number.NaN, together: Number.NaN },
    ...(footprint && { predicted: footprint }),
  }
}

async function own(folder: string, precision: string, stepCount = steps): Promise<Finished & { started: number }> {
  const started = Date.now() / 1000
  const program = join(import.meta.dirname, 'sd15-own.ts')
  const args = [
    ...WORKER_FLAGS,
    program,
    join(folder, 'model'),
    precision,
    join(folder, 'cache'),
    threads,
    stepCount,
    size,
  ]
  return { ...(await runProgram(process.execPath, args, {}, WATCH_INTERVAL)), started }
}

async function reference(folder: string, python: string): Promise<Figures> {
  const started = Date.now() / 1000
  const args = [join(import.meta.dirname, 'sd15-reference.py'), join(folder, 'model'), threads, steps, size]
  const environment = { OMP_WAIT_POLICY: 'passive', OMP_NUM_THREADS: threads, HF_HUB_OFFLINE: '1' }
  return figuresOf(await runProgram(python, args, environment, WATCH_INTERVAL), started)
}

/** Of all rounds: the median of each time, the largest of each peak. */
function together(all: readonly Figures[]): Figures {
  const usual = (pick: (figures: Figures) => number) => median(all.map(pick))
  const most = (pick: (memory: PeakMemory) => number) => Math.max(...all.map(({ memory }) => pick(memory)))
  const memory = { anonymous: most(m => m.anonymous), mapped: most(m => m.mapped), together: most(m => m.together) }
  return { ...all[0], ready: usual(f => f.ready), wall: usual(f => f.wall), cpu: usual(f => f.cpu), memory }
}

const columns: readonly [string, (figures: Figures) => number, digits: number][] = [
  ['ready, s', f => f.ready, 1],
  ['step, s', f => f.wall, 2],
  ['step, cpu s', f => f.cpu, 2],
  ['anonymous, GB', f => f.memory.anonymous / 1e9, 2],
  ['mapped, GB', f => f.memory.mapped / 1e9, 2],
  ['peak, GB', f => f.memory.together / 1e9, 2],
  ['predicted, GB', f => (f.predicted ? (f.predicted.weights + f.predicted.activations) / 1e9 : Number.NaN), 2],
]

function table(all: ReadonlyMap<string, readonly Figures[]>): string {
  const width = 15
  const base = all.get('diffusers fp32')
  const row = (name: string, cells: readonly string[]) =>
    [name.padEnd(34), ...cells.map(cell => cell.padStart(width))].join('')
  const number = (value: number, digits: number) => (Number.isNaN(value) ? '-' : value.toFixed(digits))
  const rows = [...all].flatMap(([name, rounds]) => {
    const figures = together(rounds)
    const own = row(
      name,
      columns.map(([, pick, digits]) => number(pick(figures), digits)),
    )
    if (base === undefined || base === rounds) return [own]
    // Of programs that ran one after the other, so both met nearly the same load.
    const ratios = columns.map(([, pick]) => median(rounds.map((each, k) => pick(each) / pick(base[k]))))
    return [
      own,
      row(
        '  beside diffusers, in each round',
        ratios.map(ratio => number(ratio, 2)),
      ),
    ]
  })
  const head = row(
    `${size} x ${size}, guided, ${threads} threads`,
    columns.map(([name]) => name),
  )
  return [head, ...rows].join('\n')
}

const folder = values.work ?? mkdtempSync(join(tmpdir(), 'sfumato-sd15-'))
try {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < NEEDED_BYTES)
    throw new Error(`${folder} has ${bavail * bsize} bytes free; ${NEEDED_BYTES} are needed`)
  console.log(`${writeSd15(join(folder, 'model'), 'F16')} parameters in the UNet`)
  const chosen = values.precisions.split(',').map(each => each.trim())
  const prepared: Record<string, number> = {}
  for (const precision of chosen) {
    prepared[precision] = (await own(folder, precision, '0')).seconds
    if (precision !== 'as stored')
      console.log(`${precision}: its side-car took ${prepared[precision].toFixed(0)} s, once`)
  }
  const all = new Map<string, Figures[]>()
  const add = (name: string, figures: Figures) => all.set(name, [...(all.get(name) ?? []), figures])
  for (let round = 0; round < Number(rounds); round++) {
    if (round > 0) console.log(`after ${round} of ${rounds} rounds:\n${table(all)}`)
    if (values.reference !== undefined) add('diffusers fp32', await reference(folder, values.reference))
    for (const precision of chosen) {
      const run = await own(folder, precision)
      add(precision, figuresOf(run, run.started))
    }
  }
  console.log(table(all))
  mkdirSync(dirname(values.json), { recursive: true })
  const result = { rounds: Object.fromEntries(all), prepared }
  writeFileSync(values.json, JSON.stringify({ steps, threads, size, ...result }, null, 2))
} finally {
  if (values.work === undefined) rmSync(folder, { recursive: true, force: true })
}
