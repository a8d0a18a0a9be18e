import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../app/problem.ts'
import { type Shape, type Tensor, tensor } from '../../app/tensor/tensor.ts'
import { openSafetensors, readIntegers, readTensor, type SafetensorsFile } from '../../app/weights/safetensors.ts'
import { readExactJson } from './exact-json.ts'

/* A folder of golden results: cases/<group>/<case>/{case.json, tensors.safetensors} and models/. */

const variantSchema = z.object({
  params: z.record(z.string(), z.unknown()).nullish(),
  tolerance: z.number(),
  expected: z.record(z.string(), z.unknown()).nullish(),
  non_finite_outputs: z.array(z.string()).nullish(),
})
const caseSchema = z.object({ kind: z.string(), variants: z.record(z.string(), variantSchema) })

/** One computation of the reference: what went in, and what came out. */
export interface Variant {
  /** group/case/variant */
  readonly id: string
  /** The replayer that knows how it is computed. */
  readonly kind: string
  readonly params: Readonly<Record<string, unknown>>
  /** Largest absolute error; for schedulers relative to max(1, |value|). */
  readonly tolerance: number
  /** Strings and small numbers that the reference gave. */
  readonly expected: Readonly<Record<string, unknown>>
  /** Outputs that hold infinities or NaN in the reference too: only their finite values are compared. */
  readonly nonFiniteOutputs: readonly string[]
  /** Where `models/...` of the parameters begins. */
  readonly root: string
  readonly inputs: Tensors
  readonly outputs: Tensors
}

/** The tensors `<variant>/in/*` or `<variant>/out/*` of a case. */
export class Tensors {
  readonly #file: SafetensorsFile
  readonly #prefix: string
  readonly names: readonly string[]

  constructor(file: SafetensorsFile, prefix: string) {
    this.#file = file
    this.#prefix = prefix
    this.names = [...file.tensors.keys()].filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length))
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  shape(name: string): Shape {
    return this.#entry(name).shape
  }

  /** Whether the reference stored whole numbers, which are compared exactly. */
  isWhole(name: string): boolean {
    return !/^B?F/.test(this.#entry(name).dtype)
  }

  tensor(name: string): Tensor {
    return tensor(this.shape(name), readTensor(this.#file, this.#prefix + name))
  }

  integers(name: string): number[] {
    return readIntegers(this.#file, this.#prefix + name)
  }

  #entry(name: string) {
    const entry = this.#file.tensors.get(this.#prefix + name)
    if (entry) return entry
    throw new Problem('GOLDEN_TENSOR', `${this.#file.path} holds no "${this.#prefix}${name}".`)
  }
}

/** The key `seed`: exact, whatever its size. */
export const seedSchema = z.union([z.int(), z.bigint()]).transform(BigInt)

/** All variants of a folder, in the order of their names. @throws Problem GOLDENS_* when the folder is no such folder */
export function readVariants(root: string): Variant[] {
  const cases = join(root, 'cases')
  if (!existsSync(cases)) {
    throw new Problem('GOLDENS_FOLDER', `${root} holds no golden results: there is no folder "cases" in it.`, {
      hint: 'Give the folder that has cases/ and models/ in it.',
    })
  }
  return folders(cases).flatMap(group =>
    folders(join(cases, group)).flatMap(name => readCase(root, `${group}/${name}`, join(cases, group, name))),
  )
}

function readCase(root: string, id: string, folder: string): Variant[] {
  const parsed = caseSchema.safeParse(readExactJson(join(folder, 'case.json')))
  if (!parsed.success) {
    throw new Problem('GOLDENS_CASE', `${join(folder, 'case.json')} cannot be read: ${z.prettifyError(parsed.error)}`)
  }
  const file = openSafetensors(join(folder, 'tensors.safetensors'))
  return Object.entries(parsed.data.variants).map(([name, { params, tolerance, expected, non_finite_outputs }]) => ({
    id: `${id}/${name}`,
    kind: parsed.data.kind,
    params: params ?? {},
    tolerance,
    expected: expected ?? {},
    nonFiniteOutputs: non_finite_outputs ?? [],
    root,
    inputs: new Tensors(file, `${name}/in/`),
    outputs: new Tensors(file, `${name}/out/`),
  }))
}

const folders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort()
