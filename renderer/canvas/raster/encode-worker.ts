/** Makes PNG files of tiles, off the page's own thread. */

export interface EncodeOrder {
  readonly id: number
  readonly picture: ImageBitmap
}

export interface EncodeAnswer {
  readonly id: number
  /** Absent when the picture is wholly transparent. */
  readonly bytes?: ArrayBuffer
  readonly problem?: string
}

const isTransparent = (pixels: Uint8ClampedArray): boolean =>
  new Uint32Array(pixels.buffer).every(pixel => pixel >>> 24 === 0)

async function encode(picture: ImageBitmap): Promise<ArrayBuffer | undefined> {
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('The browser gives no canvas to encode a tile.')
  context.drawImage(picture, 0, 0)
  picture.close()
  if (isTransparent(context.getImageData(0, 0, canvas.width, canvas.height).data)) return undefined
  return await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer()
}

addEventListener('message', async ({ data }: MessageEvent<EncodeOrder>) => {
  const answer = await encode(data.picture).then(
    bytes => ({ id: data.id, bytes }),
    (error: unknown) => ({ id: data.id, problem: String(error) }),
  )
  postMessage(answer, { transfer: 'bytes' in answer && answer.bytes !== undefined ? [answer.bytes] : [] })
})
