import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Library } from '../app/library/library.ts'
import { Problem } from '../app/problem.ts'

/** The file of a picture that a person names: by its id in the library, by the hash of its content, or by its path.
 *  @throws Problem PICTURE_UNKNOWN */
export function pictureFile({ images, blobs }: Pick<Library, 'images' | 'blobs'>, reference: string): string {
  const blob = blobs.find(images.find(reference)?.hash ?? reference)
  if (blob) return blob.path
  const path = resolve(reference)
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path
  throw new Problem(
    'PICTURE_UNKNOWN',
    `There is no picture ${JSON.stringify(reference)}, in the library or as a file.`,
    {
      hint: 'Give the path of a PNG, JPEG or WebP file.',
      details: { field: 'controls' },
    },
  )
}
