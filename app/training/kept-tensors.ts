import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openSafetensors, readTensor, writeSafetensors } from '../weights/safetensors.ts'

/** Raised when the same pictures or words would give other numbers. */
const FORMAT = 1
/** Bytes of all files together: latents of some ten thousand pictures of 512 x 512 pixels. */
const MOST_BYTES = 2e9
/** Share of them that is left when the oldest go. */
const LEFT = 0.8
const HASH = 'sha256'

/** Tensors that a network takes long to make and that never change, kept in files by what they were made of, so that another training on the same
 *  pictures begins at once: latents of pictures, states of captions. All of it can be deleted at any time. A file that was damaged is made
 *  anew; those that were used longest ago leave first. */
export class KeptTensors {
  readonly #folder: string
  readonly #scope: string
  readonly #most: number
  /** Bytes of all files; undefined until something is written. */
  #bytes: number | undefined

  /** @param scope what the tensors depend on beside their keys: the networks' weights and configs, and what computes them
   *  @param most bytes of all files together */
  constructor(folder: string, scope: readonly unknown[], most = MOST_BYTES) {
    this.#folder = folder
    this.#scope = JSON.stringify([FORMAT, ...scope])
    this.#most = most
  }

  /** What was made before under this key, to the last bit; else it is made and kept. @throws whatever `make` throws */
  async of<Name extends string>(
    key: readonly unknown[],
    make: () => Promise<Readonly<Record<Name, Tensor>>>,
  ): Promise<Readonly<Record<Name, Tensor>>> {
    const name = createHash('sha256')
      .update(`${this.#scope} ${JSON.stringify(key)}`)
      .digest('hex')
    const path = join(this.#folder, `${name}.safetensors`)
    const kept = read(path)
    if (kept !== undefined) return kept as Readonly<Record<Name, Tensor>>
    const made = await make()
    this.#keep(path, made)
    return made
  }

  /** Where nothing can be written, it is made again the next time. */
  #keep(path: string, made: Readonly<Record<string, Tensor>>): void {
    try {
      mkdirSync(this.#folder, { recursive: true })
      const tensors = Object.entries(made).map(
        ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const,
      )
      writeSafetensors(path, tensors, { [HASH]: hashOf(made) })
      this.#bytes = this.#bytes === undefined ? sum(this.#files()) : this.#bytes + statSync(path).size
      if (this.#bytes > this.#most) this.#bytes = this.#trim()
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Error && 'code' in error)) throw error
    }
  }

  /** Deletes what was used longest ago. @returns bytes of what is left */
  #trim(): number {
    const files = this.#files().toSorted((a, b) => a.usedAt - b.usedAt)
    let bytes = sum(files)
    for (const { path, size } of files) {
      if (bytes <= this.#most * LEFT) break
      rmSync(path, { force: true })
      bytes -= size
    }
    return bytes
  }

  #files() {
    return readdirSync(this.#folder).flatMap(name => {
      const path = join(this.#folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      return found ? [{ path, size: found.size, usedAt: found.mtimeMs }] : []
    })
  }
}

const sum = (files: readonly { readonly size: number }[]): number => files.reduce((all, { size }) => all + size, 0)

/** undefined: it is not there, or was damaged. */
function read(path: string): Readonly<Record<string, Tensor>> | undefined {
  if (!statSync(path, { throwIfNoEntry: false })) return undefined
  try {
    const file = openSafetensors(path)
    const tensors = Object.fromEntries(
      file.tensors.values().map(({ name, shape }) => [name, tensor(shape, readTensor(file, name))]),
    )
    if (file.metadata[HASH] !== hashOf(tensors)) return undefined
    const now = new Date()
    utimesSync(path, now, now)
    return tensors
  } catch (error) {
    if (error instanceof Problem || (error instanceof Error && 'code' in error)) return undefined
    throw error
  }
}

/** SHA-256 of all numbers with their names and shapes. */
function hashOf(tensors: Readonly<Record<string, Tensor>>): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name]
    hash.update(`${name} ${shape} `).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}
