import { Eye, EyeOff } from 'lucide-react'
import { Switch } from 'radix-ui'
import { useEffect, useState } from 'react'
import { Growing } from '../components/Growing.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { blobUrl, type DatasetPicture } from '../state/api.ts'
import { sentenceOf } from '../state/problem.ts'
import { changePicture, useTeach } from '../state/teach.ts'
import { PictureView } from './PictureGrid.tsx'

/** The picture that is looked at: yours and what is seen of it, its words, and what may be done with it. */
export function PictureDetails() {
  const picture = useTeach(state => state.pictures.find(({ number }) => number === state.selected))
  if (picture === undefined) return null
  const { number, path, isLeftOut, problem } = picture
  return (
    <section className="teach-details" aria-label={path} data-region="teach-details" data-testid="teach-details">
      <div className="teach-head">
        <h2 className="cut" title={path}>
          {path}
        </h2>
        <IconButton
          small
          label={isLeftOut ? 'Learn from it again' : 'Leave it out'}
          on={isLeftOut}
          onClick={() => void changePicture(number, { isLeftOut: !isLeftOut })}
          data-testid="leave-out"
        >
          {isLeftOut ? <Eye size={16} strokeWidth={1.5} /> : <EyeOff size={16} strokeWidth={1.5} />}
        </IconButton>
      </div>
      {problem === undefined ? (
        <>
          <Sights picture={picture} />
          <Words key={number} picture={picture} />
          <Mark picture={picture} name="mayFlip" label="May be mirrored" />
          <Mark picture={picture} name="isClassImage" label="Shows its kind alone, not the thing itself" />
        </>
      ) : (
        <p className="mwords t12">{sentenceOf(problem)}</p>
      )}
    </section>
  )
}

function Sights({ picture }: { picture: DatasetPicture }) {
  const { thumbnail, width, height, bucket } = picture
  if (thumbnail === undefined || bucket === undefined) return null
  const { crop } = bucket
  const share = (length: number, whole: number) => `${(length / whole) * 100}%`
  const frame = {
    left: share(crop.left, width),
    top: share(crop.top, height),
    width: share(crop.right - crop.left, width),
    height: share(crop.bottom - crop.top, height),
  }
  return (
    <div className="teach-sights">
      <figure>
        <div className="teach-yours" style={{ aspectRatio: `${width} / ${height}` }}>
          <img src={blobUrl(thumbnail)} alt="" draggable={false} />
          <i style={frame} />
        </div>
        <figcaption>
          yours, {width} × {height}
        </figcaption>
      </figure>
      <figure>
        <div className="teach-seen">
          <PictureView picture={picture} view="seen" />
        </div>
        <figcaption>
          seen, {bucket.width} × {bucket.height}
          {bucket.enlargement > 1.5 && `, enlarged ${bucket.enlargement.toFixed(1)} times`}
        </figcaption>
      </figure>
    </div>
  )
}

const SOURCES: Readonly<Record<DatasetPicture['captionSource'], string>> = {
  none: 'none yet',
  file: 'from the text file beside it',
  prompt: 'from the recipe in it',
  hand: 'yours',
}

/** The caption; it is kept when the field is left. */
function Words({ picture: { number, caption, captionSource } }: { picture: DatasetPicture }) {
  const [words, setWords] = useState(caption)
  useEffect(() => setWords(caption), [caption])
  const keep = () => {
    if (words.trim() !== caption) void changePicture(number, { caption: words.trim() })
  }
  return (
    <div className="teach-words">
      <label htmlFor="teach-caption" className="t12 t3">
        Words <span>({SOURCES[captionSource]})</span>
      </label>
      <Growing
        id="teach-caption"
        lines={4}
        value={words}
        placeholder="What the picture shows"
        onChange={event => setWords(event.target.value)}
        onBlur={keep}
        onKeyDown={event => {
          if (event.key === 'Escape') setWords(caption)
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault()
            keep()
          }
        }}
        data-testid="caption"
      />
    </div>
  )
}

function Mark({ picture, name, label }: { picture: DatasetPicture; name: 'mayFlip' | 'isClassImage'; label: string }) {
  const id = `teach-${name}`
  return (
    <div className="sw-row">
      <label htmlFor={id}>{label}</label>
      <Switch.Root
        id={id}
        className="sw"
        checked={picture[name]}
        onCheckedChange={next => void changePicture(picture.number, { [name]: next })}
      >
        <Switch.Thumb />
      </Switch.Root>
    </div>
  )
}
