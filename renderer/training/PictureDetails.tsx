import { Scan } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Growing } from '../components/Growing.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import type { DatasetPicture } from '../state/api.ts'
import { sentenceOf } from '../state/problem.ts'
import { changePictures, useTeach } from '../state/teach.ts'
import { CropEditor } from './CropEditor.tsx'
import { LeaveOut, Mark } from './PictureMarks.tsx'
import { SeveralPictures } from './SeveralPictures.tsx'

/** What is picked of the pictures. */
export function PictureDetails() {
  const several = useTeach(state => state.picked.length > 1)
  return several ? <SeveralPictures /> : <OnePicture />
}

/** The picture that is looked at: yours and what is seen of it, its words, and what may be done with it. */
function OnePicture() {
  const place = useTeach(state => state.pictures.findIndex(({ number }) => number === state.selected))
  const picture = useTeach(state => state.pictures[place])
  if (picture === undefined) return null
  const { number, path, problem, crop } = picture
  return (
    <section className="teach-details" aria-label={path} data-region="teach-details" data-testid="teach-details">
      <div className="teach-head">
        <h2 className="cut" title={path}>
          {t('Picture')} {place + 1} <span className="t3 file">{path}</span>
        </h2>
        {crop !== undefined && (
          <IconButton
            small
            label={t('Show the model all of it')}
            onClick={() => void changePictures([number], { crop: null })}
            data-testid="crop-whole"
          >
            <Scan size={16} strokeWidth={1.5} />
          </IconButton>
        )}
        <LeaveOut pictures={[picture]} />
      </div>
      {problem === undefined ? (
        <>
          <CropEditor key={number} picture={picture} />
          <Words key={`words ${number}`} picture={picture} />
          <Mark pictures={[picture]} name="mayFlip" label={t('May be mirrored')} />
          <Mark pictures={[picture]} name="isClassImage" label={t('Shows its kind alone, not the thing itself')} />
        </>
      ) : (
        <p className="mwords t12">{sentenceOf(problem)}</p>
      )}
    </section>
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
    if (words.trim() !== caption) void changePictures([number], { caption: words.trim() })
  }
  return (
    <div className="teach-words">
      <label htmlFor="teach-caption" className="t12 t3">
        {t('Words')} <span>({t(SOURCES[captionSource])})</span>
      </label>
      <Growing
        id="teach-caption"
        lines={4}
        value={words}
        placeholder={t('What the picture shows')}
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
