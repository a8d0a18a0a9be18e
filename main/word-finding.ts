import { totalmem } from 'node:os'
import sharp from 'sharp'
import { targets } from '../app/graph/targets.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { WordMasks } from '../app/runtime/word-masks.ts'
import { serveQuestions } from './asked-process.ts'
import { PictureReader } from './picture-reader-process.ts'

/** Where in a picture is what words say? */
export interface WordQuestion {
  /** The folder of a CLIPSeg. */
  readonly network: string
  /** One whose files were replaced is opened again. */
  readonly fingerprint: string
  /** Path of its file. */
  readonly picture: string
  /** Each is looked for by itself. */
  readonly words: readonly string[]
}

/** How surely each place shows one of the things, as a gray PNG: white is wholly sure. */
export interface WordAnswer {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Answers what the parent process asks; the network stays open for as long as the process lives. */
export function serveWordFinding(threads: number): void {
  const reader = new PictureReader()
  let open: { readonly key: string; readonly runtime: Runtime; readonly masks: WordMasks } | undefined
  const answer = async ({ network, fingerprint, picture, words }: WordQuestion): Promise<WordAnswer> => {
    const key = `${network} ${fingerprint}`
    if (open?.key !== key) {
      await open?.runtime.release()
      const runtime = new Runtime({ target: targets.cpu, threads, memoryBudget: totalmem() / 4 })
      open = { key, runtime, masks: new WordMasks(runtime, network) }
    }
    const image = await reader.pixels({ path: picture, background: '#ffffff' })
    const { width, height } = image
    const data = new Uint8Array(width * height)
    for (const thing of words) {
      const { data: sure } = await open.masks.find(image, thing)
      for (let k = 0; k < data.length; k++) data[k] = Math.max(data[k], Math.round(255 * sure[k]))
    }
    const png = await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer()
    return { png, width, height }
  }
  serveQuestions(answer, {
    code: 'WORDS_FAILED',
    message: 'The words could not be looked for in the picture for a reason that Sfumato does not know.',
    hint: 'Use another model, or paint the mask.',
  })
}
