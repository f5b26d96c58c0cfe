//! Enums of users (用户) and their queries.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// Whether a user still exists.
    pub enum BoUserGroup {
        /// A regular user.
        Regular = "ug_Regular" | "0",
        /// A deleted user.
        Deleted = "ug_Deleted" | "99",
    }
}

open_enum! {
    /// What a user may do with one function.
    pub enum BoPermission {
        /// Everything (完全授权).
        Full = "boper_Full" | "F",
        /// Read only (只读).
        ReadOnly = "boper_ReadOnly" | "R",
        /// Nothing (无授权).
        None = "boper_None" | "N",
        /// Different permissions below this one.
        Various = "boper_Various" | "V",
        /// Not said.
        Undefined = "boper_Undefined" | "U",
    }
}

open_enum! {
    /// How a user query was made.
    pub enum UserQueryTypeEnum {
        /// Written by hand.
        Regular = "uqtRegular" | "R",
        /// Made by the wizard.
        Wizard = "uqtWizard" | "W",
        /// Made by the generator.
        Generator = "uqtGenerator" | "G",
        /// A stored procedure.
        StoredProcedure = "uqtStoredProcedure" | "S",
    }
}

open_enum! {
    /// A language of the user interface.
    pub enum BoSuppLangs {
        /// Not said.
        Null = "ln_Null" | "0",
        /// Hebrew.
        Hebrew = "ln_Hebrew" | "1",
        /// Spanish (Argentina).
        SpanishAr = "ln_Spanish_Ar" | "2",
        /// English (United States).
        English = "ln_English" | "3",
        /// Polish.
        Polish = "ln_Polish" | "5",
        /// English (Singapore).
        EnglishSg = "ln_English_Sg" | "6",
        /// Spanish (Panama).
        SpanishPa = "ln_Spanish_Pa" | "7",
        /// English (United Kingdom).
        EnglishGb = "ln_English_Gb" | "8",
        /// German.
        German = "ln_German" | "9",
        /// Serbian.
        Serbian = "ln_Serbian" | "10",
        /// Danish.
        Danish = "ln_Danish" | "11",
        /// Norwegian.
        Norwegian = "ln_Norwegian" | "12",
        /// Italian.
        Italian = "ln_Italian" | "13",
        /// Hungarian.
        Hungarian = "ln_Hungarian" | "14",
        /// Chinese, simplified (简体中文).
        Chinese = "ln_Chinese" | "15",
        /// Dutch.
        Dutch = "ln_Dutch" | "16",
        /// Finnish.
        Finnish = "ln_Finnish" | "17",
        /// Greek.
        Greek = "ln_Greek" | "18",
        /// Portuguese.
        Portuguese = "ln_Portuguese" | "19",
        /// Swedish.
        Swedish = "ln_Swedish" | "20",
        /// English (Cyprus).
        EnglishCy = "ln_English_Cy" | "21",
        /// French.
        French = "ln_French" | "22",
        /// Spanish.
        Spanish = "ln_Spanish" | "23",
        /// Russian.
        Russian = "ln_Russian" | "24",
        /// Spanish (Latin America).
        SpanishLa = "ln_Spanish_La" | "25",
        /// Czech.
        CzechCz = "ln_Czech_Cz" | "26",
        /// Slovak.
        SlovakSk = "ln_Slovak_Sk" | "27",
        /// Korean.
        KoreanKr = "ln_Korean_Kr" | "28",
        /// Portuguese (Brazil).
        PortugueseBr = "ln_Portuguese_Br" | "29",
        /// Japanese.
        JapaneseJp = "ln_Japanese_Jp" | "30",
        /// Turkish.
        TurkishTr = "ln_Turkish_Tr" | "31",
        /// Arabic.
        Arabic = "ln_Arabic" | "32",
        /// Ukrainian.
        Ukrainian = "ln_Ukrainian" | "33",
        /// Chinese, traditional (繁體中文).
        TraditionalChineseHk = "ln_TrdtnlChinese_Hk" | "35",
    }
}

edm_via_serde!(BoUserGroup, BoPermission, UserQueryTypeEnum, BoSuppLangs,);
