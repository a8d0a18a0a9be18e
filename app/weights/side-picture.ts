import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { isFile } from './model-source.ts'

/** What people and the AUTOMATIC1111 web UI call the picture beside a model's file: `name.preview.png`, `name.png`. */
const endings = ['.preview.png', '.png', '.preview.jpg', '.jpg', '.preview.jpeg', '.jpeg', '.preview.webp', '.webp']
/** Bytes; pictures of a megabyte or two are usual. */
const largest = 16 * 2 ** 20

/** The picture that lies beside a model, if there is one. */
export function sidePicture(model: string): string | undefined {
  const name = isFile(model) ? basename(model, extname(model)) : basename(model)
  return endings.map(ending => join(dirname(model), name + ending)).find(isFile)
}

/** It as a data URL, for whoever may decode pictures from outside; undefined where there is none, or it is something else or too large. */
export function sidePictureUrl(model: string): string | undefined {
  try {
    const path = sidePicture(model)
    if (path === undefined || statSync(path).size > largest) return undefined
    const bytes = readFileSync(path)
    const type = typeOf(bytes)
    return type && `data:image/${type};base64,${bytes.toString('base64')}`
  } catch {
    return undefined
  }
}

/** What the bytes are, whatever the file is called. */
function typeOf(bytes: Buffer): 'png' | 'jpeg' | 'webp' | undefined {
  const starts = (text: string, at = 0) => bytes.subarray(at, at + text.length).toString('latin1') === text
  if (starts('\x89PNG\r\n\x1a\n')) return 'png'
  if (starts('\xff\xd8\xff')) return 'jpeg'
  return starts('RIFF') && starts('WEBP', 8) ? 'webp' : undefined
}
