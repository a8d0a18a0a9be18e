import { ImageOff } from 'lucide-react'
import { blobUrl, type DatasetPicture } from '../state/api.ts'
import type { Box } from '../state/crop.ts'

/** A picture whole, or the part of it that a model sees. */
export function PictureView({ picture, view }: { picture: DatasetPicture; view: 'seen' | 'yours' }) {
  const { thumbnail, bucket, problem, width, height } = picture
  if (thumbnail === undefined || problem !== undefined) {
    return <ImageOff size={18} strokeWidth={1.5} aria-hidden="true" />
  }
  if (view === 'seen' && bucket !== undefined) return <SeenPart picture={picture} box={bucket.crop} />
  const style = { ...(width >= height ? { width: '100%' } : { height: '100%' }), aspectRatio: `${width} / ${height}` }
  return <img src={blobUrl(thumbnail)} alt="" loading="lazy" decoding="async" draggable={false} style={style} />
}

/** A part of a picture, alone; its longer side fills the place. */
export function SeenPart({ picture: { thumbnail, width, height }, box }: { picture: DatasetPicture; box: Box }) {
  if (thumbnail === undefined) return null
  const part = { width: box.right - box.left, height: box.bottom - box.top }
  const side = part.width >= part.height ? { width: '100%' } : { height: '100%' }
  const times = (length: number, whole: number) => `${(length / whole) * 100}%`
  return (
    <span className="seen-part" style={{ ...side, aspectRatio: `${part.width} / ${part.height}` }}>
      <img
        src={blobUrl(thumbnail)}
        alt=""
        loading="lazy"
        decoding="async"
        draggable={false}
        style={{
          ...{ width: times(width, part.width), height: times(height, part.height) },
          ...{ left: times(-box.left, part.width), top: times(-box.top, part.height) },
        }}
      />
    </span>
  )
}
