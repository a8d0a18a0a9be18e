/** The decoder: a small process that looks into one picture from outside and ends. Its parent (decoder-process.ts) gives it time and
 *  memory, and believes nothing that it says unchecked. stdin: the length (4 bytes, big-endian) and the bytes of a picture; stdin
 *  stays open, and when it closes the parent is gone. stdout: one line of JSON. */
import { readRecipe } from '../app/library/recipe/recipe.ts'
import { largestPicture } from './decoder-limits.ts'
import { openPicture, pictureProblem, restrictReaders } from './decoder-rules.ts'

async function decode(bytes: Buffer): Promise<unknown> {
  restrictReaders()
  const picture = openPicture(bytes)
  const { format, autoOrient } = await picture.metadata()
  // Reads every pixel, so that a picture that ends too early is found out.
  await picture.stats()
  return { ...autoOrient, format, ...readRecipe(bytes) }
}

async function answer(bytes: Buffer): Promise<void> {
  let line: unknown
  try {
    line = await decode(bytes)
  } catch (error) {
    const { code, message, hint } = pictureProblem(error)
    line = { problem: { code, message, hint } }
  }
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0))
}

let received: Buffer[] = []
let count = 0
process.stdin.on('data', (piece: Buffer) => {
  received.push(piece)
  count += piece.length
  if (count > largestPicture + 4) process.exit(1)
  if (count < 4) return
  if (received[0].length < 4) received = [Buffer.concat(received)]
  if (count !== received[0].readUInt32BE() + 4) return
  answer(Buffer.concat(received).subarray(4))
})
process.stdin.on('end', () => process.exit(1))
