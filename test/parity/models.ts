import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { targets } from '../../app/graph/targets.ts'
import type { Family } from '../../app/models/family.ts'
import { Problem } from '../../app/problem.ts'
import { Network } from '../../app/runtime/network.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { openDiffusersFolder } from '../../app/weights/diffusers-folder.ts'
import { readJsonObject } from '../../app/weights/json-file.ts'
import type { PrecisionChoice } from '../../app/weights/precision.ts'
import type { LeftOut } from './replayers/replayer.ts'

const runtime = new Runtime({ target: targets.cpu, threads: availableParallelism(), memoryBudget: 2 ** 31 })

let choice: PrecisionChoice | undefined

/** Lets all networks compute in a precision from here on; undefined: as they are stored. */
export const computeIn = (precision: PrecisionChoice | undefined): void => {
  choice = precision
}

/** The precision that networks are to compute in. */
export const chosenPrecision = (): PrecisionChoice | undefined => choice

/** The class that a part's config.json names: `_class_name` of diffusers, `architectures` of transformers. */
export function classOf(folder: string): string {
  const { _class_name, architectures } = readJsonObject(join(folder, 'config.json'))
  return String(_class_name ?? (Array.isArray(architectures) ? architectures[0] : undefined))
}

/** Lets `use` work with one network of a golden folder; what our families do not build is left out. */
export async function withNetwork<Config, Sizes, Result>(
  family: Family<Config, Sizes>,
  folder: string,
  use: (network: Network<Config, Sizes>, runtime: Runtime) => Promise<Result>,
): Promise<Result | LeftOut> {
  const className = classOf(folder)
  if (className !== family.className) return { leftOut: `no family builds ${className} yet` }
  return withModelFolder({ network: { folder, className } }, model =>
    leavingOutUnknownOptions(() => {
      const component = openDiffusersFolder(model).component('network')
      return use(new Network(runtime, family, component, { precision: choice }), runtime)
    }),
  )
}

/** What a config asks for and no family builds yet is no error of numbers. */
export async function leavingOutUnknownOptions<Result>(work: () => Promise<Result>): Promise<Result | LeftOut> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'MODEL_CONFIG') throw error
    const reason = /asks for (.*)/.exec(error.message)?.[1] ?? error.message
    return { leftOut: `no family builds ${reason}` }
  }
}

/** A part of a pipeline: a folder, or a small file written for it. */
export type Part =
  | { readonly folder: string; readonly className?: string }
  | { readonly file: string; readonly content: object; readonly className: string }

/** Lets `use` work with a model folder that is put together from parts, as the reference puts its pipelines together.
 *  @param options of the pipeline, its class among them, as model_index.json holds them */
export async function withModelFolder<Result>(
  parts: Readonly<Record<string, Part>>,
  use: (path: string, runtime: Runtime) => Promise<Result>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Result> {
  const model = mkdtempSync(join(tmpdir(), 'sfumato-parity-'))
  try {
    const index: Record<string, unknown> = { ...options }
    for (const [name, part] of Object.entries(parts)) {
      index[name] = ['', part.className ?? ('folder' in part ? classOf(part.folder) : '')]
      if ('folder' in part) {
        symlinkSync(resolve(part.folder), join(model, name), 'junction')
      } else {
        mkdirSync(join(model, name))
        writeFileSync(join(model, name, part.file), JSON.stringify(part.content))
      }
    }
    writeFileSync(join(model, 'model_index.json'), JSON.stringify(index))
    return await use(model, runtime)
  } finally {
    await runtime.release()
    rmSync(model, { recursive: true })
  }
}
