import { largestPicture, pieceOfFile } from '../../app/api/picture-limits.ts'
import type { Api, OpenedFile } from '../state/api.ts'

/** Has the engine take a file apart. @throws an Error with a sentence */
export async function takeApart(api: Api, file: File): Promise<OpenedFile> {
  if (file.size > largestPicture) {
    const [own, most] = [file.size, largestPicture].map(bytes => Math.ceil(bytes / 2 ** 20))
    throw new Error(`It has ${own} MB, and at most ${most} can be opened. Make it smaller in another program.`)
  }
  if (file.size <= pieceOfFile) return await api.images.open({ file })
  const upload = crypto.randomUUID()
  for (let at = 0; at < file.size; at += pieceOfFile) {
    await api.images.upload({ upload, piece: file.slice(at, at + pieceOfFile) })
  }
  return await api.images.open({ upload })
}
