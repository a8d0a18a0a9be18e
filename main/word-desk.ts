import type { WordsFound, WordsQuestion } from '../app/api/studio.ts'
import type { Library } from '../app/library/library.ts'
import { Problem } from '../app/problem.ts'
import { folderOfWordMasks } from '../app/weights/word-masks.ts'
import { AskedProcess } from './asked-process.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { WordAnswer, WordQuestion } from './word-finding.ts'

/** Finds in pictures what words say, in a process of its own: masks on the canvas. */
export class WordDesk {
  readonly #library: Library
  readonly #models: ModelShelf
  readonly #process: AskedProcess<WordQuestion, WordAnswer>

  /** @param worker path of the worker's entry */
  constructor(library: Library, models: ModelShelf, worker: string, log: (line: string) => void) {
    this.#library = library
    this.#models = models
    const failure = () =>
      new Problem('WORDS_ENDED', 'The model that finds words needed too much memory, or broke.', {
        hint: 'Close other programs or use a smaller model; the mask can also be painted.',
      })
    this.#process = new AskedProcess({ worker, flag: '--find-words', name: 'What finds words', failure, log })
  }

  /** What was found is kept as a picture, as long as those are that nothing was made from.
   *  @throws Problem PICTURE_GONE, MODEL_UNKNOWN, MODEL_CONFIG, WEIGHTS_*, FILE_*, WORDS_* */
  async find({ picture, model, words }: WordsQuestion): Promise<WordsFound> {
    const blob = this.#library.keptPictures.find(picture) && this.#library.blobs.find(picture)
    if (!blob) {
      throw new Problem('PICTURE_GONE', 'The picture that was looked at is not there any more.', {
        hint: 'Look again.',
      })
    }
    const found = this.#models.find(model)
    const { kind, name } = this.#models.describe(found)
    if (kind !== 'masks') {
      throw new Problem('MODEL_OPERATION', `${name} does not find words in pictures.`, { hint: 'Choose a CLIPSeg.' })
    }
    const { png, width, height } = await this.#process.ask({
      ...{ network: folderOfWordMasks(found.path), fingerprint: this.#models.fingerprint(found) },
      ...{ picture: blob.path, words },
    })
    const kept = this.#library.keptPictures.add(await this.#library.blobs.put(png, 'image/png'), width, height)
    return { map: kept.hash, width, height }
  }

  close(): void {
    this.#process.close()
  }
}
