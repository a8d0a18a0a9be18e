import { t } from '../language/language.ts'
import { useTeach } from '../state/teach.ts'
import { LeaveOut, Mark } from './PictureMarks.tsx'
import { TagEditor } from './TagEditor.tsx'

/** Tags that can be chosen from. */
const MOST_TAGS = 100

/** Several pictures that are picked: what is done to all of them at once. */
export function SeveralPictures() {
  const pictures = useTeach(state => state.pictures)
  const picked = useTeach(state => state.picked)
  const chosen = pictures.filter(({ number }) => picked.includes(number))
  const tags = [...new Set(chosen.flatMap(({ caption }) => caption.split(',').map(tag => tag.trim())))]
  return (
    <section
      className="teach-details"
      aria-label={t('{count} pictures', { count: picked.length })}
      data-region="teach-details"
      data-testid="several-pictures"
    >
      <div className="teach-head">
        <h2>{t('{count} pictures', { count: picked.length })}</h2>
        <LeaveOut pictures={chosen} />
      </div>
      <div className="teach-several">
        <TagEditor name="picked" pictures={picked} tags={tags.filter(tag => tag !== '').slice(0, MOST_TAGS)} />
      </div>
      <Mark pictures={chosen} name="mayFlip" label={t('May be mirrored')} />
      <Mark pictures={chosen} name="isClassImage" label={t('Show their kind alone, not the thing itself')} />
    </section>
  )
}
