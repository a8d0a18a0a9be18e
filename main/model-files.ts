import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Name, size and time of a model's file; of a folder those of its files, two folders deep, as one hash: some twenty look-ups.
 *  Another fingerprint means that it must be read again. */
export function fingerprintOf(path: string): string {
  const lines: string[] = []
  const visit = (file: string, depth: number) => {
    const found = safely(() => statSync(file))
    if (!found?.isDirectory() || depth < 0) lines.push(`${file} ${found?.size} ${found?.mtimeMs}`)
    else for (const entry of safely(() => readdirSync(file).sort()) ?? []) visit(join(file, entry), depth - 1)
  }
  visit(path, 1)
  return sha256(lines.join('\n'))
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What work comes to; undefined where it fails. */
export function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** The network that pictures are measured with where nobody names another. @param models the folder of the models that come with the app */
export const builtInFeatures = (models: string): string => join(models, 'sticker-world', 'clip')

/** What finds words in pictures of a model that comes with the app; its CLIP lies beside it. @param model its folder */
export const builtInMasks = (model: string): string => join(model, 'masks')

/** The network that finds the joints of Sticker World's characters. @param models the folder of the models that come with the app */
export const builtInJoints = (models: string): string => join(models, 'sticker-world-joints')
