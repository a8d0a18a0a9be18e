import { spawn } from 'node:child_process'
import { extname, join } from 'node:path'
import { z } from 'zod'
import { ProblemInfo, Recipe } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'
import { largestPicture } from './decoder-limits.ts'

/** What the decoder found in a picture. */
const decoded = z.object({
  /** Pixels, as the picture is shown (turned as its orientation says). */
  width: z.int().positive(),
  height: z.int().positive(),
  /** "png", "jpeg", "webp", "heif" (AVIF), "gif", "tiff" */
  format: z.string().max(20),
  recipe: Recipe.optional(),
  /** Whose text the recipe was read from. */
  source: z.enum(['sfumato', 'a1111', 'invokeai', 'comfyui']).optional(),
})
export type DecodedPicture = z.output<typeof decoded>

const answer = z.union([z.object({ problem: ProblemInfo }), decoded])

/** How much a picture may cost. */
export interface DecoderLimits {
  /** Milliseconds until it is given up. */
  readonly time: number
  /** Bytes of memory for data, where the system enforces it (Linux). */
  readonly memory: number
}

const usual: DecoderLimits = { time: 10_000, memory: 2 ** 30 }

/** Characters of an answer: a recipe has thousands. */
const longestAnswer = 4 * 2 ** 20

/** Decodes a picture from outside, every pixel of it, in a process of its own that is thrown away afterwards; nothing that the
 *  picture does there reaches this process. @throws Problem PICTURE_LARGE, PICTURE_FORMAT, PICTURE_DAMAGED, PICTURE_TIME, PICTURE_FAILED */
export async function decodePicture(bytes: Uint8Array, limits: DecoderLimits = usual): Promise<DecodedPicture> {
  if (bytes.length > largestPicture) {
    throw new Problem('PICTURE_LARGE', `The picture has ${bytes.length} bytes, more than ${largestPicture}.`, {
      hint: 'Make it smaller in another program.',
    })
  }
  const result = answer.safeParse(parsed(await runDecoder(bytes, limits)))
  if (!result.success) throw failed()
  if ('problem' in result.data) {
    const { code, message, hint } = result.data.problem
    throw new Problem(code, message, { hint })
  }
  return result.data
}

const failed = () =>
  new Problem('PICTURE_FAILED', 'The picture could not be decoded: it needed too much memory, or broke its decoder.', {
    hint: 'Open it in another program and save it again.',
  })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw failed()
  }
}

/** Feeds the decoder and collects what it prints, for as long as it may live. */
function runDecoder(bytes: Uint8Array, limits: DecoderLimits): Promise<string> {
  const child = startDecoder(limits)
  return new Promise((resolve, reject) => {
    let text = ''
    const give = (problem: Problem) => {
      child.kill('SIGKILL')
      reject(problem)
    }
    const timer = setTimeout(() => {
      give(
        new Problem('PICTURE_TIME', `The picture took longer than ${limits.time / 1000} seconds to decode.`, {
          hint: 'Open it in another program and save it again.',
        }),
      )
    }, limits.time)
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (text.length > longestAnswer) give(failed())
    })
    // A decoder that dies early does not read to the end; its exit tells more than the broken pipe.
    child.stdin.on('error', () => {})
    child.on('error', error => give(new Problem('PICTURE_FAILED', `The decoder does not start (${error.message}).`)))
    child.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    child.stdin.write(length)
    child.stdin.write(bytes)
  })
}

/** The same Node binary, without this process's environment. A shell sets the limits: data memory, processor time, no files, no core. */
function startDecoder({ time, memory }: DecoderLimits) {
  return startLimited('decoder', [`-d ${Math.ceil(memory / 1024)}`, `-t ${Math.ceil(time / 1000)}`])
}

/** Starts a program beside this file, or beside the bundle that holds it, that is not trusted.
 *  @param limits rules of the shell's `ulimit`, where the system has one */
export function startLimited(name: string, limits: readonly string[]) {
  const program = join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)
  const node = [process.execPath, '--max-old-space-size=512', program]
  const rules = [...limits, '-f 0', '-c 0']
  const script = `${rules.map(rule => `ulimit ${rule} 2>/dev/null`).join('; ')}; exec "$0" "$@"`
  const [command, ...parameters] = process.platform === 'win32' ? node : ['/bin/sh', '-c', script, ...node]
  const env = { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot }
  return spawn(command, parameters, { stdio: ['pipe', 'pipe', 'ignore'], env, windowsHide: true })
}
