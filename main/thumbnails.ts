import { createHash, randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileProblem } from '../app/weights/safe-file.ts'

/** Small WebP pictures of files that stay where they are, by the hash of their own content. They can always be made again. */
export class Thumbnails {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Where one lies; undefined where there is none, whatever the string is. */
  find(hash: string): { path: string; type: string } | undefined {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined
    const path = this.#path(hash)
    return existsSync(path) ? { path, type: 'image/webp' } : undefined
  }

  /** @returns its SHA-256  @throws Problem DISK_FULL, FILE_* */
  async put(webp: Uint8Array): Promise<string> {
    const hash = createHash('sha256').update(webp).digest('hex')
    const path = this.#path(hash)
    const temporary = `${path}.${randomUUID()}`
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(temporary, webp)
      await rename(temporary, path)
      return hash
    } catch (error) {
      rmSync(temporary, { force: true })
      throw fileProblem(error, path)
    }
  }

  remove(hashes: readonly string[]): void {
    for (const hash of hashes) rmSync(this.#path(hash), { force: true })
  }

  #path(hash: string): string {
    return join(this.#folder, hash.slice(0, 2), `${hash}.webp`)
  }
}
