import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CanvasPart, KeptPicture } from '../app/library/kept-pictures.ts'
import type { Library } from '../app/library/library.ts'
import type { OpenedFile } from '../app/library/opened-file.ts'
import { fileProblem } from '../app/weights/safe-file.ts'
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

  close(): void {
    clearTimeout(this.#idle)
    this.#reader.close()
  }
}
