/** `npm run bench:sd15`: a checkpoint of Stable Diffusion 1.5's size (random values, fp16, 2.1 GB, made for this run outside the repository) in each
 *  precision: time until it is ready to denoise, time and CPU time of one guided step, peak memory beside what was predicted; with
 *  `--reference PYTHON` (an interpreter that has torch and diffusers) the same beside diffusers in fp32, as ratios. Rounds of all alternate, so all
 *  meet the same load. Prints a table, writes JSON (`--json FILE`, default artifacts/bench-sd15.json).
 *  Options: --rounds N --steps N --threads N --size PIXELS --precisions "as stored,fp32,8 bit,4 bit" --work FOLDER (kept; default: a temporary one). */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { precisions } from '../../app/weights/precision.ts'
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
    precisions: { type: 'string', default: precisions.join(',') },
    work: { type: 'string' },
    json: { type: 'string', default: 'artifacts/bench-sd15.json' },
  },
})
const { rounds, steps, threads, size } = values

/** Model and side-cars together. */
const NEEDED_BYTES = 8.5e9
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

/** The best of the steps after the first, which reads the weights from the disk. */
function figuresOf({ lines, memory }: Finished, started: number): Figures {
  const [first, second] = lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  const { ready, footprint } = readySchema.parse(first)
  const taken = stepsSchema.parse(second).steps.slice(1)
  return {
    ready: ready - started,
    wall: Math.min(...taken.map(({ wall }) => wall)),
    cpu: Math.min(...taken.map(({ cpu }) => cpu)),
    memory: memory ?? { anonymous: Number.NaN, mapped: Number.NaN, together: Number.NaN },
    ...(footprint && { predicted: footprint }),
  }
}

async function own(folder: string, precision: string, stepCount = steps): Promise<Finished & { started: number }> {
  const started = Date.now() / 1000
  const program = join(import.meta.dirname, 'sd15-own.ts')
  const args = [program, join(folder, 'model'), precision, join(folder, 'cache'), threads, stepCount, size]
  return { ...(await runProgram(process.execPath, args, {}, WATCH_INTERVAL)), started }
}

async function reference(folder: string, python: string): Promise<Figures> {
  const started = Date.now() / 1000
  const args = [join(import.meta.dirname, 'sd15-reference.py'), join(folder, 'model'), threads, steps, size]
  const environment = { OMP_WAIT_POLICY: 'passive', OMP_NUM_THREADS: threads, HF_HUB_OFFLINE: '1' }
  return figuresOf(await runProgram(python, args, environment, WATCH_INTERVAL), started)
}

/** Of all rounds: the least of each time, the largest of each peak. */
function best(all: readonly Figures[]): Figures {
  const least = (pick: (figures: Figures) => number) => Math.min(...all.map(pick))
  const most = (pick: (memory: PeakMemory) => number) => Math.max(...all.map(({ memory }) => pick(memory)))
  const memory = { anonymous: most(m => m.anonymous), mapped: most(m => m.mapped), together: most(m => m.together) }
  return { ...all[0], ready: least(f => f.ready), wall: least(f => f.wall), cpu: least(f => f.cpu), memory }
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

function table(all: ReadonlyMap<string, Figures>): string {
  const width = 15
  const base = all.get('diffusers fp32')
  const number = (value: number, digits: number) => (Number.isNaN(value) ? '-' : value.toFixed(digits))
  const head = [
    `${size} x ${size}, guided, ${threads} threads`.padEnd(34),
    ...columns.map(([name]) => name.padStart(width)),
  ]
  const rows = [...all].flatMap(([name, figures]) => [
    [name.padEnd(34), ...columns.map(([, pick, digits]) => number(pick(figures), digits).padStart(width))],
    ...(base === undefined || base === figures
      ? []
      : [
          [
            '  beside diffusers'.padEnd(34),
            ...columns.map(([, pick]) => number(pick(figures) / pick(base), 2).padStart(width)),
          ],
        ]),
  ])
  return [head, ...rows].map(cells => cells.join('')).join('\n')
}

const folder = values.work ?? mkdtempSync(join(tmpdir(), 'sfumato-sd15-'))
try {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < NEEDED_BYTES)
    throw new Error(`${folder} has ${bavail * bsize} bytes free; ${NEEDED_BYTES} are needed`)
  console.log(`${writeSd15(join(folder, 'model'))} parameters in the UNet`)
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
    if (values.reference !== undefined) add('diffusers fp32', await reference(folder, values.reference))
    for (const precision of chosen) {
      const run = await own(folder, precision)
      add(precision, figuresOf(run, run.started))
    }
  }
  const figures = new Map([...all].map(([name, each]) => [name, best(each)]))
  console.log(table(figures))
  mkdirSync(dirname(values.json), { recursive: true })
  const result = { rounds: Object.fromEntries(all), best: Object.fromEntries(figures), prepared }
  writeFileSync(values.json, JSON.stringify({ steps, threads, size, ...result }, null, 2))
} finally {
  if (values.work === undefined) rmSync(folder, { recursive: true, force: true })
}
