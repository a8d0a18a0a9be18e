import type { ObjectFound, ObjectQuestion } from '../app/api/studio.ts'
import { Segmenting } from '../app/runtime/segmenting.ts'
import type { SegmenterFiles } from '../app/weights/segmenter.ts'
import { serveQuestions } from './asked-process.ts'
import { PictureReader } from './picture-reader-process.ts'

/** What lies under clicks on a picture. */
export interface SegmentationQuestion extends Pick<ObjectQuestion, 'clicks' | 'size'> {
  readonly networks: SegmenterFiles
  /** Files of it that are replaced are opened again. */
  readonly fingerprint: string
  readonly picture: { readonly path: string; readonly hash: string }
}

/** Lengths of what is alike, beginning with zeros (as COCO writes masks, but row by row). */
export function runsOf(data: Uint8Array): number[] {
  const runs: number[] = []
  let [value, start] = [0, 0]
  for (let k = 0; k <= data.length; k++) {
    if (k < data.length && data[k] === value) continue
    runs.push(k - start)
    ;[value, start] = [1 - value, k]
  }
  return runs
}

/** Answers what the parent process asks; networks stay open for as long as the process lives. */
export function serveSegmentation(threads: number): void {
  const reader = new PictureReader()
  let current: { readonly fingerprint: string; readonly segmenting: Segmenting } | undefined
  const answer = async (question: SegmentationQuestion): Promise<ObjectFound> => {
    const { networks, fingerprint, picture, clicks, size } = question
    if (current?.fingerprint !== fingerprint) {
      await current?.segmenting.release()
      current = { fingerprint, segmenting: new Segmenting(threads) }
    }
    const read = () => reader.pixels({ path: picture.path, background: '#ffffff' })
    const found = await current.segmenting.find(networks, picture.hash, read, clicks, size)
    return { runs: runsOf(found.data), isClickedPartAlone: found.isClickedPartAlone }
  }
  serveQuestions(answer, {
    code: 'SEGMENTATION_FAILED',
    message: 'What was clicked could not be found for a reason that Sfumato does not know.',
    hint: 'Use another network, or choose the object by its edges.',
  })
}
