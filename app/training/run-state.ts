import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { openSafetensors, readRaw, readTensor, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { divergenceMemory } from './divergence.ts'
import type { Numbers } from './numbers.ts'
import type { OptimiserState } from './optimisers/optimiser.ts'

/** All that a run needs to go on as if it had never stopped. Random numbers need nothing: each step draws from a stream of its own. */
export interface RunState {
  /** Steps that are done. */
  readonly step: number
  readonly parameters: Numbers
  /** The moving average of the parameters, where one is kept. */
  readonly average?: Numbers
  readonly optimiser: OptimiserState
  /** What its losses told so far. */
  readonly losses?: z.infer<typeof divergenceMemory>
}

const record = z.object({
  identity: z.string(),
  step: z.int(),
  optimiserSteps: z.int(),
  numbers: z.record(z.string(), z.number()),
  losses: divergenceMemory.optional(),
})

const fileOf = (folder: string, step: number): string =>
  join(folder, `step-${String(step).padStart(7, '0')}.safetensors`)

/** Files of a run's states, the newest first. */
export const runStates = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(name => /^step-\d+\.safetensors$/.test(name))
        .sort()
        .reverse()
        .map(name => join(folder, name))
    : []

/** The step of a state, by its file. */
export const stepOfState = (path: string): number => Number(/step-(\d+)\.safetensors$/.exec(path)?.[1])

/** Removes the states from a step on. @returns the step of the newest that is left; 0 where none is */
export function removeStatesFrom(folder: string, step: number): number {
  for (const path of runStates(folder)) {
    if (stepOfState(path) < step) return stepOfState(path)
    rmSync(path, { force: true })
  }
  return 0
}

/** Writes a state: a kill at any moment leaves the ones before or this one whole. The oldest beyond `keep` go.
 *  @param identity of the run: what determines its numbers  @returns the file  @throws Problem FILE_*, DISK_FULL */
export function saveRun(folder: string, identity: string, state: RunState, keep: number): string {
  mkdirSync(folder, { recursive: true })
  const { step, parameters, average, optimiser, losses } = state
  const groups = { parameters, ...(average && { average }), optimiser: optimiser.tensors }
  const tensors = Object.entries(groups).flatMap(([group, numbers]) =>
    [...numbers].map(([name, data]): [string, TensorToWrite] => {
      const dtype = data instanceof Uint8Array ? 'U8' : 'F32'
      return [`${group}/${name}`, { dtype, shape: [data.length], data }]
    }),
  )
  const numbers = Object.fromEntries(optimiser.numbers)
  const kept = { identity, step, optimiserSteps: optimiser.steps, numbers, ...(losses && { losses }) }
  const path = fileOf(folder, step)
  writeSafetensors(path, tensors, { run: JSON.stringify(kept) })
  for (const old of runStates(folder).slice(keep)) rmSync(old, { force: true })
  return path
}

/** The newest state of a run that can be read; undefined where there is none. A damaged file is passed over for the one before.
 *  @throws Problem TRAINING_OTHER_RUN where the folder holds another run */
export function loadRun(folder: string, identity: string): RunState | undefined {
  removeHalves(folder)
  for (const path of runStates(folder)) {
    const state = readState(path, identity)
    if (state !== undefined) return state
  }
  return undefined
}

/** What a kill in the middle of writing left behind. */
function removeHalves(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : []
  for (const name of names) if (/^\.step-.*\.part$/.test(name)) rmSync(join(folder, name), { force: true })
}

function readState(path: string, identity: string): RunState | undefined {
  try {
    const file = openSafetensors(path)
    const kept = record.parse(JSON.parse(file.metadata.run ?? 'null'))
    if (kept.identity !== identity) {
      throw new Problem('TRAINING_OTHER_RUN', `${path} belongs to a training with other settings.`, {
        hint: 'Choose an empty folder, or the settings that it was begun with.',
      })
    }
    const group = <Values>(prefix: string, read: (name: string) => Values) =>
      new Map(
        [...file.tensors.keys()]
          .filter(name => name.startsWith(prefix))
          .map(name => [name.slice(prefix.length), read(name)]),
      )
    const numbers = (name: string) => readTensor(file, name)
    const average = group('average/', numbers)
    const tensors = group('optimiser/', name =>
      file.tensors.get(name)?.dtype === 'U8' ? readRaw(file, name) : numbers(name),
    )
    return {
      step: kept.step,
      parameters: group('parameters/', numbers),
      ...(average.size > 0 && { average }),
      ...(kept.losses && { losses: kept.losses }),
      optimiser: { steps: kept.optimiserSteps, numbers: new Map(Object.entries(kept.numbers)), tensors },
    }
  } catch (error) {
    if (error instanceof Problem && error.code === 'TRAINING_OTHER_RUN') throw error
    return undefined
  }
}
