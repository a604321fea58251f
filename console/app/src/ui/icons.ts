export {
  IconAddressBook, IconAlertTriangle, IconArchive, IconArrowLeft, IconBan, IconCheck, IconChevronRight, IconCopy, IconDeviceMobile, IconDots, IconDownload,
  IconFileImport, IconFilter, IconKey, IconLanguage, IconList, IconLogout, IconMail, IconMessage, IconMoon, IconPencil, IconPhone, IconPlayerPause, IconPlayerPlay,
  IconPlus, IconRefresh, IconSearch, IconSettings, IconSpeakerphone, IconSun, IconSunMoon, IconTrash, IconUser, IconUserOff, IconUsersGroup, IconWifiOff, IconX, IconBrandWhatsapp,
} from '@tabler/icons-react'
