import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CanvasPart, KeptPicture } from '../app/library/kept-pictures.ts'
import type { Library } from '../app/library/library.ts'
import type { OpenedFile } from '../app/library/opened-file.ts'
import { Problem } from '../app/problem.ts'
import { fileProblem } from '../app/weights/safe-file.ts'
import { largestPicture } from './decoder-limits.ts'
import { openLayers } from './opener-process.ts'
import { PictureReader } from './picture-reader-process.ts'

/** What a picture is for: transparent places of a mask stay, those of a picture are white. */
export type KeptUse = 'picture' | 'mask'

const backgrounds: Readonly<Record<KeptUse, string>> = { picture: '#ffffff', mask: '#000000' }

/** Milliseconds after the last picture until the process that reads them ends. */
const IDLE = 30_000

/** Takes pictures from outside into the content store, for jobs that begin from them. */
export class PictureKeeper {
  readonly #library: Library
  /** Where a picture lies while it is read. */
  readonly #folder: string
  readonly #reader = new PictureReader()
  #idle: NodeJS.Timeout | undefined
  /** Files that arrive in pieces, by the name that the sender gave. */
  readonly #uploads = new Map<string, { pieces: Uint8Array[]; timer: NodeJS.Timeout }>()

  constructor(library: Library, home: string) {
    this.#library = library
    this.#folder = join(home, 'cache', 'incoming')
  }

  /** Reads a picture in a process of its own and keeps it as a plain PNG: upright, sRGB, 8 bits. What the same pixels give is kept once.
   *  @throws Problem PICTURE_*, DISK_FULL ... */
  async keep(bytes: Uint8Array, use: KeptUse, canvas?: CanvasPart): Promise<KeptPicture> {
    const path = join(this.#folder, randomUUID())
    try {
      await mkdir(this.#folder, { recursive: true })
      await writeFile(path, bytes)
    } catch (error) {
      await rm(path, { force: true })
      throw fileProblem(error, path)
    }
    try {
      const { png, width, height } = await this.#reader.plain({ path, background: backgrounds[use] })
      const blob = await this.#library.blobs.put(png, 'image/png')
      return this.#library.keptPictures.add(blob, width, height, canvas && { canvas })
    } finally {
      await rm(path, { force: true })
      clearTimeout(this.#idle)
      this.#idle = setTimeout(() => this.#reader.close(), IDLE).unref()
    }
  }

  /** Takes a file apart into layers and keeps the pixels of each. @throws Problem PICTURE_*, DISK_FULL ... */
  async open(bytes: Uint8Array): Promise<OpenedFile> {
    const { layers, ...size } = await openLayers(bytes)
    const kept = layers.map(async ({ png, ...layer }) => {
      if (png === undefined) return layer
      const blob = await this.#library.blobs.put(png, 'image/png')
      const { hash } = this.#library.keptPictures.add(blob, layer.width, layer.height)
      return { ...layer, picture: hash }
    })
    return { ...size, layers: await Promise.all(kept) }
  }

  /** Takes a piece of a file that is longer than a message. @throws Problem PICTURE_LARGE */
  receive(upload: string, piece: Uint8Array): void {
    const { pieces } = this.#uploads.get(upload) ?? { pieces: [] }
    this.#forget(upload)
    const bytes = [...pieces, piece].reduce((sum, { length }) => sum + length, 0)
    if (bytes > largestPicture) {
      throw new Problem('PICTURE_LARGE', `The file has more than ${largestPicture / 2 ** 20} MB.`, {
        hint: 'Make it smaller in another program.',
      })
    }
    const timer = setTimeout(() => this.#forget(upload), IDLE).unref()
    this.#uploads.set(upload, { pieces: [...pieces, piece], timer })
  }

  /** All of a file that came in pieces; it is forgotten here. @throws Problem UPLOAD_UNKNOWN */
  received(upload: string): Uint8Array {
    const found = this.#uploads.get(upload)
    this.#forget(upload)
    if (found) return Buffer.concat(found.pieces)
    throw new Problem('UPLOAD_UNKNOWN', 'The file did not arrive.', { hint: 'Open it again.' })
  }

  #forget(upload: string): void {
    clearTimeout(this.#uploads.get(upload)?.timer)
    this.#uploads.delete(upload)
  }

  close(): void {
    for (const upload of [...this.#uploads.keys()]) this.#forget(upload)
    clearTimeout(this.#idle)
    this.#reader.close()
  }
}
