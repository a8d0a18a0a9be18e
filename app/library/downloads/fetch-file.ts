import { existsSync, statSync } from 'node:fs'
import { Problem } from '../../problem.ts'
import { expectOk } from './hub.ts'
import { PartFile } from './part-file.ts'
import type { PlannedFile } from './records.ts'
import {
  type Answer,
  hostOf,
  insist,
  type Network,
  PassingProblem,
  patiently,
  piecesOf,
  request,
  totalOf,
} from './request.ts'

/** What fetching a file asks of its surroundings. */
export interface Fetching {
  readonly network: Network
  readonly signal: AbortSignal
  /** The model's page, for people. */
  readonly page: string | undefined
  /** The strong ETag under which the first bytes came, kept between starts. */
  tag(path: string): string | undefined
  keepTag(path: string, tag: string | undefined): void
  /** Is told why nothing comes for some seconds. */
  onPause(problem: Problem, seconds: number): void
  /** Is told how many bytes of the file are there, again and again. */
  onLength(length: number): void
}

/** Fetches a file to `path`: goes on where it stopped, tries again what may pass, and gives it its name only when length and hash are right.
 *  @throws Problem DOWNLOAD_*, HUB_*, NETWORK, DISK_FULL, FILE_* with what arrived kept if it is of use; what `signal` was aborted with */
export async function fetchFile(planned: PlannedFile, path: string, fetching: Fetching): Promise<void> {
  const { network, signal, onLength } = fetching
  // A file has its final name only when its bytes were right.
  if (existsSync(path) && statSync(path).size === planned.size) return onLength(planned.size)
  const part = await PartFile.open(path, planned, signal)
  try {
    onLength(part.length)
    let gained = part.length
    const progressed = () => {
      // A server that gives a crumb each time does not keep us for ever.
      if (part.length - gained < Math.max(1, planned.size / 50)) return false
      gained = part.length
      return true
    }
    let mismatches = 0
    await insist(
      async () => {
        await fetchRest(part, planned, fetching)
        if (part.isRight()) return await part.finish()
        await startOver(part, planned, fetching)
        throw wrongBytes(planned, ++mismatches)
      },
      network,
      signal,
      { ...patiently, progressed, onPause: (problem, seconds) => fetching.onPause(problem, seconds) },
    )
  } finally {
    await part.close()
  }
}

/** Bytes that went wrong on the way are fetched anew once; bytes that are wrong again are the server's. */
function wrongBytes({ path, url }: PlannedFile, mismatches: number): Problem {
  const message = `${path} did not arrive as ${new URL(url).host} declares it: its bytes are others.`
  return mismatches === 1
    ? new PassingProblem('DOWNLOAD_HASH', message)
    : new Problem('DOWNLOAD_HASH', message, {
        hint: 'Nothing of it was kept. Try again later, or choose another model.',
      })
}

/** Asks for what is missing and appends it. */
async function fetchRest(part: PartFile, planned: PlannedFile, fetching: Fetching): Promise<void> {
  const { network, signal, onLength, page } = fetching
  if (part.length === planned.size) return
  const answer = await request(new URL(planned.url), rangeHeaders(part, planned, fetching), network, signal)
  const { response, leave } = answer
  try {
    if (response.status === 416) {
      await startOver(part, planned, fetching)
      throw new PassingProblem('DOWNLOAD_RANGE', `${hostOf(response)} does not go on with ${planned.path}.`)
    }
    expectOk(answer, planned.path, page)
    await joinAt(part, planned, answer, fetching)
    for await (const piece of piecesOf(answer, network, signal)) {
      if (part.length + piece.length > planned.size) {
        await startOver(part, planned, fetching)
        throw wrongLength(planned, 'more')
      }
      await part.append(piece)
      onLength(part.length)
    }
  } finally {
    leave()
  }
  if (part.length < planned.size) {
    throw new PassingProblem('DOWNLOAD_CUT', `${hostOf(response)} stopped in the middle of ${planned.path}.`, {
      hint: 'Resume it later; what has arrived is kept.',
    })
  }
}

/** Asks only for the rest if that is sure to fit: the same ETag, or a hash that is compared in the end (RFC 9110, 13.1.5). */
function rangeHeaders(
  part: PartFile,
  { path, sha256, gitSha1 }: PlannedFile,
  fetching: Fetching,
): Record<string, string> {
  const tag = fetching.tag(path)
  if (part.length === 0 || (tag === undefined && sha256 === undefined && gitSha1 === undefined)) return {}
  return { range: `bytes=${part.length}-`, ...(tag !== undefined && { 'if-range': tag }) }
}

/** Makes sure that what comes belongs right behind what is there, and that it will be as long as declared. */
async function joinAt(part: PartFile, planned: PlannedFile, { response }: Answer, fetching: Fetching): Promise<void> {
  const { headers, status } = response
  const isPart = status === 206
  const start = isPart ? Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]) : 0
  if (start !== part.length) {
    await startOver(part, planned, fetching)
    if (isPart)
      throw new PassingProblem(
        'DOWNLOAD_RANGE',
        `${hostOf(response)} sent another part of ${planned.path} than was asked for.`,
      )
  }
  const declared = isPart ? totalOf(headers) : Number(headers.get('content-length') ?? Number.NaN)
  const isPacked = (headers.get('content-encoding') ?? 'identity') !== 'identity'
  if (!isPacked && !Number.isNaN(declared) && declared !== planned.size) {
    await startOver(part, planned, fetching)
    throw wrongLength(planned, String(declared))
  }
  const tag = headers.get('etag')
  if (part.length === 0) fetching.keepTag(planned.path, tag?.startsWith('"') ? tag : undefined)
}

async function startOver(part: PartFile, { path }: PlannedFile, fetching: Fetching): Promise<void> {
  await part.reset()
  fetching.keepTag(path, undefined)
  fetching.onLength(0)
}

const wrongLength = ({ path, size, url }: PlannedFile, found: string) =>
  new Problem('DOWNLOAD_SIZE', `${path} should have ${size} bytes, but ${new URL(url).host} sends ${found}.`, {
    hint: 'Try again later, or choose another model.',
  })
