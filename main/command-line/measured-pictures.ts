import { findPictures } from '../../app/library/datasets/find-pictures.ts'
import { joinRows } from '../../app/metrics/in-parts.ts'
import { Problem } from '../../app/problem.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import type { Tensor } from '../../app/tensor/tensor.ts'
import { isFile } from '../../app/weights/model-source.ts'
import type { PictureReader } from '../picture-reader-process.ts'

/** Pictures that are held at once. */
const atOnce = 8

/** The pictures of folders, read one after the other; those that cannot be read are told and left out. */
export class MeasuredPictures {
  readonly reader: PictureReader
  readonly #background: string
  readonly #signal: AbortSignal
  readonly #told: { onProgress(phase: string): void; onRefused(path: string, problem: Problem): void }

  constructor(
    reader: PictureReader,
    background: string,
    signal: AbortSignal,
    told: { onProgress(phase: string): void; onRefused(path: string, problem: Problem): void },
  ) {
    this.reader = reader
    this.#background = background
    this.#signal = signal
    this.#told = told
  }

  /** Paths in a folder, or the file itself. @throws Problem PICTURES_NONE, FILE_* */
  async paths(place: string): Promise<readonly string[]> {
    const paths = isFile(place) ? [place] : await findPictures(place)
    if (paths.length > 0) return paths
    throw new Problem('PICTURES_NONE', `There is no picture in ${place}.`, { hint: 'Choose another folder.' })
  }

  /** One picture; undefined where it cannot be read. */
  async read(path: string): Promise<RgbImage | undefined> {
    return this.#leavingOut(path, () => this.reader.pixels({ path, background: this.#background }))
  }

  /** What is asked of one picture; undefined where it cannot be read. */
  async #leavingOut<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
    this.#signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof Problem)) throw error
      this.#told.onRefused(path, error)
      return undefined
    }
  }

  /** The words that belong to a picture: its text file's, or those that it was drawn from. */
  async words(path: string): Promise<string | undefined> {
    const seen = await this.#leavingOut(path, () => this.reader.look(path))
    return seen?.caption ?? seen?.prompt
  }

  /** Rows for all pictures that can be read, and which those are. @param rowsOf pictures -> [pictures, width]
   *  @throws Problem METRIC_FEW where none can */
  async rows(
    paths: readonly string[],
    rowsOf: (images: readonly RgbImage[]) => Promise<Tensor>,
  ): Promise<{ readonly rows: Tensor; readonly read: readonly string[] }> {
    const parts: Tensor[] = []
    const read: string[] = []
    let images: RgbImage[] = []
    for (const [k, path] of paths.entries()) {
      const image = await this.read(path)
      if (image) {
        images.push(image)
        read.push(path)
      }
      if (images.length === atOnce || (k === paths.length - 1 && images.length > 0)) {
        parts.push(await rowsOf(images))
        images = []
      }
      this.#told.onProgress(`${k + 1} of ${paths.length} pictures`)
    }
    if (parts.length > 0) return { rows: joinRows(parts), read }
    throw new Problem('METRIC_FEW', 'None of the pictures can be read.', { hint: 'Choose another folder.' })
  }
}
