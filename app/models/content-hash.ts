import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isFile } from '../weights/model-source.ts'
import { fileProblem } from '../weights/safe-file.ts'
import { usedWeightFiles } from './describe.ts'

/** Remembers what files hashed to. The caller keeps it where it likes: a `Map` serves. Keys name the path, size and time of change. */
export interface HashCache {
  get(key: string): string | undefined
  set(key: string, hash: string): unknown
}

/** The hash that tells a checkpoint's weights apart, whatever they are called and wherever they lie: of a single file its SHA-256,
 *  as catalogues of models list it; of a folder SHA-256 (64 hex digits) over the SHA-256 of each used weight file, in the fixed order text encoder, UNet, VAE.
 *  @throws Problem as `describeCheckpoint`; what `signal` was aborted with */
export async function checkpointHash(path: string, cache: HashCache, signal?: AbortSignal): Promise<string> {
  if (isFile(path)) return fileHash(path, cache, signal)
  const hash = createHash('sha256')
  for (const file of usedWeightFiles(path)) hash.update(await fileHash(file, cache, signal), 'hex')
  return hash.digest('hex')
}

/** SHA-256 of a file, 64 hex digits; read in pieces, so that a large one neither fills the memory nor holds up other work.
 *  @throws Problem FILE_*; what `signal` was aborted with */
export async function fileHash(path: string, cache: HashCache, signal?: AbortSignal): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path)
    const key = `${path}\0${size}\0${mtimeMs}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) hash.update(chunk)
    const digest = hash.digest('hex')
    cache.set(key, digest)
    return digest
  } catch (error) {
    signal?.throwIfAborted()
    throw fileProblem(error, path)
  }
}
