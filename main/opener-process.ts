import { z } from 'zod'
import { ProblemInfo } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'
import { largestPicture, mostPixels } from './decoder-limits.ts'
import { startLimited } from './decoder-process.ts'
import { FrameReader, frameBytes } from './frames.ts'
import { OpenedLayer, OpenedSize } from './opener-messages.ts'

/** A file, taken apart. */
export interface TakenApart {
  readonly width: number
  readonly height: number
  /** From the lowest. */
  readonly layers: readonly OpenedLayer[]
}

/** How much a file may cost. */
export interface OpenerLimits {
  /** Milliseconds until it is given up. */
  readonly time: number
  /** Bytes of memory for data, where the system enforces it (Linux). */
  readonly memory: number
}

const usual: OpenerLimits = { time: 60_000, memory: 4 * 2 ** 30 }

const failed = () =>
  new Problem('PICTURE_FAILED', 'The file could not be opened: it needed too much memory, or broke its reader.', {
    hint: 'Open it in another program and save it again.',
  })

/** Takes a file of pictures apart, in a process of its own that is thrown away afterwards: PNG, JPEG, WebP, AVIF, GIF, TIFF and SVG as one layer,
 *  PSD with its layers. @throws Problem PICTURE_LARGE, PICTURE_FORMAT, PICTURE_DAMAGED, PICTURE_TIME, PICTURE_FAILED */
export function openLayers(bytes: Uint8Array, limits: OpenerLimits = usual): Promise<TakenApart> {
  if (bytes.length > largestPicture) {
    throw new Problem('PICTURE_LARGE', `The file has ${bytes.length} bytes, more than ${largestPicture}.`, {
      hint: 'Make it smaller in another program.',
    })
  }
  const child = startLimited('opener', [`-d ${Math.ceil(limits.memory / 1024)}`, `-t ${Math.ceil(limits.time / 1000)}`])
  return new Promise((resolve, reject) => {
    const layers: OpenedLayer[] = []
    const end = (finish: () => void) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      finish()
    }
    const fail = (problem: Problem) => end(() => reject(problem))
    const timer = setTimeout(() => {
      const seconds = limits.time / 1000
      fail(
        new Problem('PICTURE_TIME', `The file took longer than ${seconds} seconds to open.`, {
          hint: 'Save it again with fewer or smaller layers.',
        }),
      )
    }, limits.time)
    const hear = (kind: string, payload: unknown): void => {
      if (kind === 'layer') layers.push(OpenedLayer.parse(payload))
      else if (kind === 'done') {
        const size = OpenedSize.parse(payload)
        end(() => resolve({ ...size, layers }))
      } else {
        const { code, message, hint } = ProblemInfo.parse(payload)
        fail(new Problem(code, message, { hint }))
      }
    }
    const reader = new FrameReader(mostPixels * 4 + 2 ** 20)
    child.stdout.on('data', (piece: Buffer) => {
      try {
        for (const [, kind, payload] of reader.push(piece)) hear(z.string().parse(kind), payload)
      } catch {
        fail(failed())
      }
    })
    // A process that dies early does not read to the end; its exit tells more than the broken pipe.
    child.stdin.on('error', () => {})
    child.on('error', error => fail(new Problem('PICTURE_FAILED', `The opener does not start (${error.message}).`)))
    child.on('close', () => fail(failed()))
    child.stdin.write(frameBytes([0, 'open', bytes], largestPicture + 2 ** 20))
  })
}
