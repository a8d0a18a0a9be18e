import type { ObjectFound, ObjectQuestion } from '../app/api/studio.ts'
import type { Library } from '../app/library/library.ts'
import { Problem } from '../app/problem.ts'
import { AskedProcess } from './asked-process.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { SegmentationQuestion } from './segmentation.ts'

/** Finds objects with networks that the person brought, in a process of its own. */
export class SegmentationDesk {
  readonly #library: Library
  readonly #models: ModelShelf
  readonly #process: AskedProcess<SegmentationQuestion, ObjectFound>

  /** @param worker path of the worker's entry */
  constructor(library: Library, models: ModelShelf, worker: string, log: (line: string) => void) {
    this.#library = library
    this.#models = models
    const failure = () =>
      new Problem('SEGMENTATION_ENDED', 'The network that finds objects needed too much memory, or broke.', {
        hint: 'Close other programs or bring a smaller network; the object can also be chosen by its edges.',
      })
    this.#process = new AskedProcess({ worker, flag: '--segment', name: 'What finds objects', failure, log })
  }

  /** @throws Problem PICTURE_GONE, SEGMENTER_*, ONNX_*, FILE_*, SEGMENTATION_* */
  find({ picture, network, clicks, size }: ObjectQuestion): Promise<ObjectFound> {
    const blob = this.#library.keptPictures.find(picture) && this.#library.blobs.find(picture)
    if (!blob)
      throw new Problem('PICTURE_GONE', 'The picture that was clicked is not there any more.', { hint: 'Click again.' })
    const { networks, fingerprint } = this.#models.segmenter(network)
    return this.#process.ask({ networks, fingerprint, picture: { path: blob.path, hash: picture }, clicks, size })
  }

  close(): void {
    this.#process.close()
  }
}
