/** `npm run bench -- training`: a step of a LoRA's training on a checkpoint of Stable Diffusion 1.5's size (random values, made for this run outside the
 *  repository), from a file in fp16, cast just in time, and from one in fp32, without and with recomputation; with `--reference PYTHON` (an interpreter
 *  that has torch, diffusers and peft) the same beside the reference in fp32, without and with gradient checkpointing, with the bounds that are to hold.
 *  Spinning is off on both sides. Rounds of all alternate, so all meet the same load. Memory is watched from when a program is ready to learn, so what
 *  it takes to load a model does not count. Prints medians, writes JSON (`--json FILE`, default artifacts/bench-training.json).
 *  Options: --rounds N --steps N --threads N --size PIXELS --rank N --files fp16,fp32 --recompute none,all --work FOLDER (kept; default: a temporary one). */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { PeakMemory } from './memory.ts'
import { type Finished, runProgram } from './program.ts'
import { writeSd15 } from './sd15-model.ts'
import { type Figures, programWords, trainingTable } from './training-table.ts'

const { values } = parseArgs({
  options: {
    reference: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    size: { type: 'string', default: '256' },
    rank: { type: 'string', default: '8' },
    files: { type: 'string', default: 'fp16,fp32' },
    recompute: { type: 'string', default: 'none,all' },
    work: { type: 'string' },
    json: { type: 'string', default: 'artifacts/bench-training.json' },
  },
})
const { rounds, steps, threads, size, rank } = values
const listed = <Each extends string>(text: string, all: readonly Each[]) =>
  text.split(',').map(word => {
    const found = all.find(each => each === word.trim())
    if (found === undefined) throw new Error(`"${word}" is none of ${all.join(', ')}`)
    return found
  })
const files = listed(values.files, ['fp16', 'fp32'])
const recomputes = listed(values.recompute, ['none', 'all'])

/** Bytes of the checkpoints. */
const fileBytes = { fp16: 2.2e9, fp32: 4.4e9 } as const
/** Milliseconds between looks at the memory; a look at gigabytes of pages takes a while itself. */
const WATCH_INTERVAL = 200

const readySchema = z.object({ ready: z.number() })
const firstSchema = z.object({ first: z.number() })
const stepsSchema = z.object({
  steps: z.array(z.object({ wall: z.number(), cpu: z.number(), loss: z.number() })).min(2),
})

/** The steps after the first, which opens what is computed with. */
function figuresOf({ lines, memory }: Finished, started: number): Figures {
  const [ready, first, all] = lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  const nothing: PeakMemory = { anonymous: Number.NaN, mapped: Number.NaN, together: Number.NaN }
  return {
    ready: readySchema.parse(ready).ready - started,
    first: firstSchema.parse(first).first - started,
    steps: stepsSchema.parse(all).steps.slice(1),
    memory: memory ?? nothing,
  }
}

async function measure(command: string, args: readonly string[]): Promise<Figures> {
  const started = Date.now() / 1000
  const environment = { OMP_WAIT_POLICY: 'passive', OMP_NUM_THREADS: threads, HF_HUB_OFFLINE: '1' }
  return figuresOf(await runProgram(command, args, environment, WATCH_INTERVAL, '"ready"'), started)
}

const folder = values.work ?? mkdtempSync(join(tmpdir(), 'sfumato-training-'))

const own = (file: string, recompute: string, round: number) =>
  measure(process.execPath, [
    ...[join(import.meta.dirname, 'training-own.ts'), join(folder, file), recompute, threads, steps, size, rank],
    join(folder, `run ${file} ${recompute} ${round}`),
  ])

const reference = (python: string, recompute: string) => {
  const script = join(import.meta.dirname, 'training-reference.py')
  return measure(python, [script, join(folder, files[0]), recompute, threads, steps, size, rank])
}

try {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  const needed = files.reduce((sum, file) => sum + fileBytes[file], 0)
  if (bavail * bsize < needed) throw new Error(`${folder} has ${bavail * bsize} bytes free; ${needed} are needed`)
  for (const file of files) {
    const parameters = writeSd15(join(folder, file), file === 'fp16' ? 'F16' : 'F32')
    console.log(`A checkpoint in ${file}, ${parameters} parameters in the UNet`)
  }
  const all = new Map<string, Figures[]>()
  const add = (name: string, figures: Figures) => {
    all.set(name, [...(all.get(name) ?? []), figures])
    console.log(programWords(name, figures))
  }
  const conditions = { size, rank, threads, recomputes, files }
  for (let round = 0; round < Number(rounds); round++) {
    if (round > 0) console.log(`After ${round} of ${rounds} rounds:\n${trainingTable(all, conditions)}`)
    for (const recompute of recomputes) {
      if (values.reference !== undefined) add(`torch ${recompute}`, await reference(values.reference, recompute))
      for (const file of files) add(`${file} ${recompute}`, await own(file, recompute, round))
    }
  }
  console.log(trainingTable(all, conditions))
  mkdirSync(dirname(values.json), { recursive: true })
  writeFileSync(values.json, JSON.stringify({ ...conditions, steps, rounds: Object.fromEntries(all) }, null, 2))
} finally {
  if (values.work === undefined) rmSync(folder, { recursive: true, force: true })
}
